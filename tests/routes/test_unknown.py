"""Addresses of ours that do not exist."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.mark.parametrize("path", ["code/nothing", "code/jobs/%C3%A9", "corpora/-x/search", "model/x/y"])
@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
async def test_a_problem_is_told(path: str, verb: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """Not a page for people: whoever asks is a program."""
    body = {"body": "{}"} if verb == "POST" else {}
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "v1", *path.split("/"), method=verb, **body)
    response = caught.value.response
    assert response is not None
    assert (response.code, json.loads(response.body)["code"]) == (404, "not_found")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not services.jobs.jobs


async def test_strangers_learn_nothing(services: FakeServices, jp_fetch: Fetch) -> None:
    """Who is not logged in is told that first."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "v1", "code", "nothing", headers={"Authorization": "token wrong"})
    assert caught.value.code == 401
    assert not services.closed
