"""Bodies that nobody should send, to every endpoint that takes one: refused, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.table import ROUTES
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
DEEP = 200_000
BODIES = {
    "invalid UTF-8": b'{"task": "\xff\xfe"}',
    "UTF-16": '{"task": "x"}'.encode("utf-16"),
    "half a surrogate": rb'{"task": "\ud800"}',
    "cut off": b'{"task": ',
    "two of them": b"{} {}",
    "deep": b"[" * DEEP,
    "deep and closed": b'{"task":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "not a number": b'{"task": NaN}',
    "a huge number": b'{"seed": ' + b"9" * 5000 + b"}",
    "not an object": b"[1]",
    "null": b"null",
}
TAKES_BODY = [(route, op) for route in ROUTES for op in route.operations if op.request]


async def refused(call: Awaitable[HTTPResponse]) -> dict[str, Any]:
    """Return the problem of a call that must be refused."""
    with pytest.raises(HTTPClientError) as caught:
        await call
    response = caught.value.response
    assert response is not None, "nothing answered"
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.body)
    assert problem["hint"]
    return problem


@pytest.mark.parametrize("what", BODIES)
async def test_what_cannot_be_read_is_refused(what: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """By every endpoint, as a fault of the request; nothing begins."""
    for route, op in TAKES_BODY:
        parts = [part if "{" not in part else "job-1" for part in route.path.strip("/").split("/")]
        problem = await refused(jp_fetch(*parts, method=op.verb, body=BODIES[what]))
        # Of a job that is not there it does not matter what was sent about it.
        assert problem["status"] in {400, 404, 422}, f"{route.path}: {problem}"
    assert not services.jobs.jobs
    assert not services.corpora.known
    assert (await jp_fetch("api", "v1", "health")).code == 200


async def test_no_endpoint_takes_a_body_without_end(services: FakeServices, jp_fetch: Fetch) -> None:
    """One that comes in pieces, its length not announced, is refused beyond the limit of its endpoint."""
    for route, op in TAKES_BODY:
        most = route.handler.max_body_bytes  # type: ignore[attr-defined] # every handler is ours

        async def produce(write: Callable[[bytes], Awaitable[None]], most: int = most) -> None:
            for _ in range(most // 65536 + 2):
                await write(b"x" * 65536)

        parts = [part if "{" not in part else "job-1" for part in route.path.strip("/").split("/")]
        problem = await refused(jp_fetch(*parts, method=op.verb, body_producer=produce))
        assert (problem["status"], problem["code"]) == (413, "too_large"), route.path
    assert not services.jobs.jobs
    assert (await jp_fetch("api", "v1", "health")).code == 200
