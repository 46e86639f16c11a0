"""A real Jupyter Server over HTTP: generate, follow, resume, cancel, side by side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fakes.chat_server import ChatServer
from tests.integration.conftest import GONE_WITHIN_S, MakeStation, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import Station, soon, until

pytestmark = pytest.mark.timeout(300)
TASK = "mean of one column grouped by another"
DOCS = [{"uri": "pandas"}]
ENDLESS = ["import time\nwhile True: time.sleep(0.1)"]


@pytest.fixture
async def running(station: Station) -> AsyncIterator[Server]:
    """A server whose sandboxes are of one runtime."""
    async with server(station) as one:
        yield one


def is_sandboxed(station: Station, runtime: str) -> bool:
    """Say whether a sandbox of this station runs now."""
    if runtime == "docker":
        return bool(station.containers())
    return any("bwrap" in line for line in station.left())


async def test_events_lead_to_the_job(running: Server) -> None:
    """The stream is numbered without gaps and says what the job says in the end."""
    job = await running.submit(task=TASK, sources=DOCS)
    events = await soon(running.story(job), 120)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "done", events[-1]
    answer = await running.job(job)
    assert (answer["state"], answer["last_seq"]) == ("done", len(events))
    code = [cell for cell in answer["cells"] if cell["kind"] == "code"]
    assert code
    assert all(cell["verification"]["status"] == "ok" for cell in code)
    assert any("groupby" in cell["source"] for cell in code)
    listed = (await running.http.get(f"{API}/code/jobs")).json()["jobs"]
    assert [(row["job"], row["cells"], row["verified"]) for row in listed] == [
        (job, len(answer["cells"]), len(code))
    ]


async def test_a_cut_connection_resumes(running: Server) -> None:
    """A reader that lost its connection gets the rest, each event once, while the job goes on."""
    job = await running.submit(task=TASK, sources=DOCS)
    told: list[dict[str, object]] = []
    for length in (3, 7, 10_000):
        after = len(told)
        async with contextlib.aclosing(running.events(job, after)) as events:  # type: ignore[type-var]
            async for event in events:
                told.append(event)
                if len(told) - after >= length:
                    break
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert told[-1]["type"] == "done"
    assert await running.story(job, len(told)) == []


async def test_cancel_while_the_sandbox_runs(busy_station: Station, runtime: str) -> None:
    """DELETE answers when the sandbox is gone; finished cells are kept and the stream ends."""
    async with server(busy_station) as running:
        job = await running.submit(task=TASK)
        await soon(running.reached(job, "stage", stage="verify"), 120)
        await until(lambda: is_sandboxed(busy_station, runtime), "no sandbox started", 30)
        answer = await soon(running.http.delete(f"{API}/code/jobs/{job}"), 30)
        assert answer.status_code == httpx.codes.NO_CONTENT
        assert not is_sandboxed(busy_station, runtime)
        ended = await running.job(job)
        assert ended["state"] == "cancelled"
        assert ended["cells"]
        assert (await soon(running.story(job), 10))[-1]["state"] == "cancelled"
        await until(lambda: not is_sandboxed(busy_station, runtime), "a sandbox is left", GONE_WITHIN_S)
        assert running.process.returncode is None


async def test_a_client_that_leaves_stops_its_run(running: Server, station: Station, runtime: str) -> None:
    """Nobody waits for the answer any more, so nothing runs on."""
    call = asyncio.ensure_future(running.http.post(f"{API}/code/execute?wait=true", json={"cells": ENDLESS}))
    await until(lambda: is_sandboxed(station, runtime), "no sandbox started", 30)
    call.cancel()
    await asyncio.wait({call})
    await until(lambda: not is_sandboxed(station, runtime), "a sandbox is left", 15)
    assert call.cancelled()
    assert running.process.returncode is None


async def test_two_at_once(running: Server) -> None:
    """Two generations do not mix, and cells of both run."""
    tasks = (TASK, "merge two data frames on a column")
    jobs = [await running.submit(task=task, sources=DOCS) for task in tasks]
    stories = await soon(asyncio.gather(*(running.story(job) for job in jobs)), 200)
    for job, story in zip(jobs, stories, strict=True):
        assert {event["job"] for event in story} == {job}
        assert story[-1]["type"] == "done", story[-1]
        assert story[-1]["verified"] >= 1, story
    first, second = [{cell["id"] for cell in (await running.job(job))["cells"]} for job in jobs]
    assert not first & second


async def test_a_stop_of_the_server_ends_what_runs(busy_station: Station, runtime: str) -> None:
    """SIGTERM is what a service manager sends: the sandbox ends with the server, within its time."""
    async with server(busy_station) as running:
        job = await running.submit(task=TASK)
        await soon(running.reached(job, "stage", stage="verify"), 120)
        await until(lambda: is_sandboxed(busy_station, runtime), "no sandbox started", 30)
    assert await nothing_left(busy_station, docker=runtime == "docker") < GONE_WITHIN_S


async def test_two_models_side_by_side(stations: MakeStation) -> None:
    """One server streams two answers at once; a slow one does not hold up a quick one."""
    async with ChatServer("groupby", delay_ms=2) as model:
        station = stations(model={"url": model.url}, sandbox={"runtime": "none"})
        async with server(station) as running:
            jobs = [await running.submit(task=TASK, generator="model") for _ in range(2)]
            stories = await soon(asyncio.gather(*(running.story(job) for job in jobs)), 60)
            assert [story[-1]["state"] for story in stories] == ["done", "done"]
            health = (await running.http.get(f"{API}/health")).json()
            assert health["generator"] == "model"
    await nothing_left(station, docker=False)


async def test_people_do_not_see_each_other(stations: MakeStation) -> None:
    """With an identity provider that names people, a job is its owner's alone."""
    async with ChatServer("groupby") as model:
        station = stations(model={"url": model.url}, sandbox={"runtime": "none"})
        (station.config_dir / "jupyter_server_config.py").write_text(PEOPLE)
        async with server(station) as running:
            job = await running.submit(task=TASK, generator="model")
            await soon(running.story(job), 60)
            other = {"X-Person": "you"}
            calls = [
                running.http.get(f"{API}/code/jobs/{job}", headers=other),
                running.http.get(f"{API}/code/jobs/{job}/events", headers=other),
                running.http.delete(f"{API}/code/jobs/{job}", headers=other),
            ]
            assert [(await call).status_code for call in calls] == [404] * 3
            assert (await running.http.get(f"{API}/code/jobs", headers=other)).json() == {
                "jobs": [],
                "next": "",
            }
            assert (await running.job(job))["state"] == "done"
            stranger = httpx.AsyncClient(base_url=running.http.base_url, trust_env=False)
            async with stranger:
                assert (await stranger.get(f"{API}/code/jobs/{job}")).status_code == 401
    await nothing_left(station, docker=False)


PEOPLE = """
from jupyter_server.auth.identity import IdentityProvider, User

class People(IdentityProvider):
    def get_user(self, handler):
        if not self.is_token_authenticated(handler) and self.get_token(handler) != self.token:
            return None
        return User(username=handler.request.headers.get("X-Person", "me"))

    def is_token_authenticated(self, handler):
        return self.get_token(handler) == self.token

c.ServerApp.identity_provider_class = People
"""
