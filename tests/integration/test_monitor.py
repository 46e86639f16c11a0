"""What the monitor says of fifty generations with planted failures, on a real server."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.chat_server import ChatServer
from tests.fakes.planted import Planted, planted, truth
from tests.integration.server import API, Server, server
from tests.integration.station import Station

pytestmark = pytest.mark.timeout(180)
AT_ONCE = 2
VERDICTS = ("accepted", "edited", "rejected", "withdrawn")


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A place without sandboxes, with a data folder of its own."""
    for name in ("place", "data"):
        (tmp_path / name).mkdir()
    return Station(tmp_path / "place", tmp_path / "data", {"sandbox": {"runtime": "none"}})


@pytest.fixture
async def model() -> AsyncIterator[ChatServer]:
    """The model, which does what each task says."""
    async with ChatServer("groupby") as one:
        yield one


def with_model(station: Station, model: ChatServer) -> Station:
    """Have a station ask this model."""
    file = station.config_dir / "jupyter_server_config.json"
    values = json.loads(file.read_text())
    values["GptossLabApp"]["model"] = {"url": model.url}
    file.write_text(json.dumps(values))
    return station


async def made(running: Server, plan: tuple[Planted, ...]) -> list[dict[str, Any]]:
    """Generate all of them, a few at a time; return the jobs."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(body: Any) -> dict[str, Any]:
        async with slots:
            job = await running.submit(**body)
            await running.story(job)
            return await running.job(job)

    return list(await asyncio.gather(*(one(each.body) for each in plan)))


async def monitor(running: Server) -> dict[str, Any]:
    """Ask for the last day."""
    answer = await running.http.get(f"{API}/monitor")
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    return found


class Counted:
    """The metrics, as they were read."""

    def __init__(self, text: str) -> None:
        self._samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of a name that have these labels."""
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == f"gptoss_lab_{name}" and labels.items() <= sample.labels.items()
        )


async def decide(running: Server, jobs: list[dict[str, Any]]) -> Counter[str]:
    """Decide on a cell of each job that has one, twice, so that the first decision is replaced."""
    items, told = [], Counter[str]()
    for number, job in enumerate(job for job in jobs if job["cells"]):
        verdict = VERDICTS[number % len(VERDICTS)]
        told[verdict] += 1
        item = {"job": job["job"], "cell": job["cells"][0]["id"], "generator": "model", "model": job["model"]}
        at = "2026-01-01T00:00:00Z"
        items += [{**item, "at": at, "verdict": said} for said in ("accepted", verdict)]
    answer = await running.http.post(f"{API}/feedback", json={"items": items})
    assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
    return told


async def test_the_monitor_tells_the_planted_truth(station: Station, model: ChatServer) -> None:
    """Over time as at the moment: it agrees with the metrics, and what was kept survives a restart."""
    plan = planted()
    expected = truth(plan)
    failures = Counter(one.error for one in plan if one.error)
    async with server(with_model(station, model)) as running:
        told = await decide(running, await made(running, plan))
        found = await monitor(running)
        counted = Counted((await running.http.get(f"{API}/metrics")).text)
    total = found["total"]
    assert {name: total[name] for name in expected} == expected
    assert {name: total[name] for name in VERDICTS[:-1]} == {name: told[name] for name in VERDICTS[:-1]}
    errors = {error["code"]: error["count"] for error in found["errors"] if error["kind"] == "job"}
    assert errors == failures
    (group,) = found["groups"]
    assert (group["generator"], group["model"], group["quality"]) == ("model", "gpt-oss-20b", total)
    assert sum(point["quality"]["generations"] for point in found["timeline"]) == len(plan)
    for result in ("good", "partial", "empty", "failed"):
        assert counted.total("generations_total", result=result) == expected[result]
    for outcome in ("checked", "unparsed"):
        assert counted.total("cells_total", outcome=outcome) == expected[outcome]
    for code, count in failures.items():
        assert counted.total("errors_total", code=code) == count
    async with server(station) as again:
        later = await monitor(again)
    assert later["total"] == total
    assert later["groups"] == found["groups"]
