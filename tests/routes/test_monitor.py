"""The handler of `/api/v1/monitor`."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.schemas.monitor import Monitor
from gptoss_lab.services.quality.facts import JobFact
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


async def test_the_monitor_tells_how_generations_fared(services: FakeServices, jp_fetch: Fetch) -> None:
    """In all, by who made them, and in steps without gaps; its own answers are among those that are timed."""
    services.quality.ended(
        JobFact(
            time.time(),
            "j1",
            "generate",
            "model",
            "gpt-oss-20b",
            "t1",
            "pandas 2.2.3",
            "partial",
            ran=2,
            failed_run=1,
        )
    )
    await jp_fetch("api", "v1", "health")
    found = Monitor.model_validate_json((await jp_fetch("api", "v1", "monitor")).body)
    assert (found.total.generations, found.total.partial, found.total.cells, found.total.ran) == (1, 1, 3, 2)
    (group,) = found.groups
    assert (group.model, group.docs, group.quality.generations) == ("gpt-oss-20b", "pandas 2.2.3", 1)
    assert (found.step_s, len(found.timeline)) == (900, 97)
    assert found.timeline[-1].quality == found.total
    assert {spread.name for spread in found.responses} == {"GET /api/v1/health"}
    assert found.resources.memory_bytes > found.resources.server_bytes > 0
    assert {state.name for state in found.services} >= {
        "model",
        "sandbox",
        "jobs",
        "documents",
        "disk",
        "monitor",
    }


@pytest.mark.parametrize("hours", ["0", "2161", "-1", "1.5", "", "a", "99999", "٣"])
async def test_a_window_has_bounds(hours: str, jp_fetch: Fetch) -> None:
    """Up to 90 days, in whole hours."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "v1", "monitor", params={"hours": hours})
    assert caught.value.code == 400
    assert caught.value.response is not None
    assert "hours" in json.loads(caught.value.response.body)["title"] + caught.value.response.body.decode()


async def test_decisions_and_refusals_are_counted(services: FakeServices, jp_fetch: Fetch) -> None:
    """A cell counts with the last decision on it; a wrong request is an error of its class."""
    item = {"at": "2026-01-01T00:00:00Z", "job": "j", "cell": "c", "generator": "examples"}
    for verdict in ("accepted", "edited"):
        body = json.dumps({"items": [{**item, "verdict": verdict}]})
        await jp_fetch("api", "v1", "feedback", method="POST", body=body)
    with pytest.raises(HTTPClientError):
        await jp_fetch("api", "v1", "code", "jobs", "nothing")
    found = Monitor.model_validate_json((await jp_fetch("api", "v1", "monitor", params={"hours": "1"})).body)
    assert (found.total.accepted, found.total.edited) == (0, 1)
    assert [(error.kind, error.code, error.count) for error in found.errors] == [("http", "4xx", 1)]
    assert not services.closed
