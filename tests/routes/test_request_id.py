"""The id of a request: in the answer, in problems, in the log, in the job."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.request_id import request_id
from gptoss_lab.services.logs import ACCESS
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.mark.parametrize("sent", ["a", "A-1_b.c~d", "x" * 64])
def test_a_well_formed_id_is_kept(sent: str) -> None:
    """So that a client and a proxy may name it."""
    assert request_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\n[E] forged", "ä", '{"a":1}', "<b>"])
def test_another_is_replaced(sent: str | None) -> None:
    """Nothing that could forge a line of a log."""
    found = request_id(sent)
    assert found != sent
    assert len(found) == 32


async def test_every_answer_names_its_request(jp_fetch: Fetch) -> None:
    """As the client called it; else by an id of ours."""
    named = await jp_fetch("api", "v1", "health", headers={"X-Request-ID": "mine-1"})
    assert named.headers.get_list("X-Request-ID") == ["mine-1"]
    unnamed = await jp_fetch("api", "v1", "health", headers={"X-Request-ID": "no good!"})
    assert len(unnamed.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    ("words", "sent", "status"),
    [
        (("code", "jobs", "nope"), {}, 404),
        (("nothing",), {}, 404),
        (("code", "generate"), {"method": "POST", "body": "{"}, 400),
        (("health",), {"headers": {"Authorization": "token wrong"}}, 401),
        (("health",), {"method": "PUT", "body": "{}"}, 405),
    ],
)
async def test_a_problem_names_its_request(
    words: tuple[str, ...], sent: dict[str, Any], status: int, jp_fetch: Fetch
) -> None:
    """In its head and in its body, however early it was refused."""
    headers = {"X-Request-ID": "mine-2", **sent.get("headers", {})}
    address = ("api", "v1", *words) if words != ("nothing",) else ("api", "v1", "code", "nothing")
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*address, **{**sent, "headers": headers})
    response = caught.value.response
    assert response is not None
    assert response.code == status
    assert response.headers["X-Request-ID"] == "mine-2"
    assert json.loads(response.body)["request_id"] == "mine-2"


async def test_one_line_for_each_request(
    jp_fetch: Fetch, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    """With the route as the table writes it, how it ended and how much was sent; and no words of it."""
    caplog.set_level(logging.DEBUG, logger=ACCESS)
    answer = await jp_fetch("api", "v1", "code", "generate", method="POST", body='{"task": "TULIPS"}')
    job = json.loads(answer.body)["job"]
    events = await jp_fetch("api", "v1", "code", "jobs", job, "events")
    await jp_fetch("api", "v1", "corpora", "search", params={"q": "TULIPS"})
    with pytest.raises(HTTPClientError):
        await jp_fetch("api", "v1", "code", "jobs", "TULIPS", method="PUT", body="{}")
    lines: list[Any] = [record for record in caplog.records if record.name == ACCESS]
    told = [(line.method, line.route, line.status, line.levelname) for line in lines]
    assert told == [
        ("POST", "/api/v1/code/generate", 202, "INFO"),
        ("GET", "/api/v1/code/jobs/{job}/events", 200, "INFO"),
        ("GET", "/api/v1/corpora/search", 200, "INFO"),
        ("PUT", "/api/v1/code/jobs/{job}", 405, "WARNING"),
    ]
    assert (lines[0].bytes, lines[1].bytes) == (len(answer.body), len(events.body))
    assert lines[1].job == job
    assert all(line.owner and line.request and line.duration_s >= 0 for line in lines)
    assert "TULIPS" not in caplog.text.replace("/jobs/TULIPS", "")
    assert services.jobs.jobs
