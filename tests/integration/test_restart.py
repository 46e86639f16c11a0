"""A server that is killed within a job, and the one that is started after it."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tests.fakes.chat_server import ChatServer
from tests.integration.conftest import MakeStation
from tests.integration.server import API, Server, server
from tests.integration.station import soon

pytestmark = pytest.mark.timeout(300)


def numbered(story: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return what tells one story from another."""
    return [(event["seq"], event["type"]) for event in story]


async def killed_within_a_job(
    running: Server, model: ChatServer
) -> tuple[str, list[dict[str, Any]], str, dict[str, Any]]:
    """Finish one job, kill the server within another; return both, and what was seen of them."""
    finished = await running.submit(task="mean of one column", verify=False)
    told = await soon(running.story(finished), 120)
    assert told[-1]["type"] == "done", told[-1]
    model.script = "silent_midway"
    cut = await running.submit(task="mean of another column", verify=False)
    seen = await soon(running.reached(cut, "cell_delta"), 120)
    listed = await running.http.get(f"{API}/code/jobs")  # which writes what waits
    assert [row["job"] for row in listed.json()["jobs"]] == [cut, finished]
    os.kill(running.pid, signal.SIGKILL)
    await soon(running.process.wait(), 10)
    return finished, told, cut, seen


async def test_a_killed_server_leaves_its_jobs(stations: MakeStation) -> None:
    """The next one has the job with its events and a clear end, the finished one too, and may go on."""
    async with ChatServer("groupby") as model:
        station = stations(sandbox={"runtime": "none"}, model={"url": model.url})
        async with server(station) as running:
            finished, told, cut, seen = await killed_within_a_job(running, model)
        model.script = "groupby"
        async with server(station) as again:
            story = await soon(again.story(finished), 60)
            assert numbered(story) == numbered(told)
            assert not any(event["text"] for event in story if event["type"] == "reasoning")
            answer = await again.job(cut)
            assert (answer["state"], answer["error"]["code"]) == ("error", "job_lost")
            events = await soon(again.story(cut), 60)
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            assert seen in events
            assert events[-1]["type"] == "error"
            replayed = (await again.http.post(f"{API}/code/jobs/{cut}/replay")).json()["job"]
            assert (await soon(again.story(replayed), 120))[-1]["type"] == "done"
