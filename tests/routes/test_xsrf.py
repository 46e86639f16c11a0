"""Requests that a page of another site could have a browser send: with its cookies, without our token."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.table import ROUTES
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
TOKEN = "00ff00ff"
UNSAFE = [(route, op) for route in ROUTES for op in route.operations if op.verb != "GET"]
BODY = '{"task": "x"}'


async def asked(fetch: Fetch, path: str, verb: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Return the status of an answer and its problem."""
    parts = [part if "{" not in part else "abc" for part in path.strip("/").split("/")]
    body = {"body": BODY} if verb == "POST" else {}
    try:
        answer = await fetch(*parts, method=verb, headers=headers, **body)
    except HTTPClientError as error:
        assert error.response is not None, "nothing answered"  # noqa: PT017 - the answer is what is looked at
        answer = error.response
    problem = answer.code >= 400
    return answer.code, json.loads(answer.body) if problem else {}


@pytest.fixture
async def cookie(jp_fetch: Fetch) -> str:
    """The cookie that logs a browser in."""
    login = await jp_fetch("api", "me")
    (found,) = [one for one in login.headers.get_list("Set-Cookie") if one.startswith("username-")]
    return found.partition(";")[0]


async def test_a_cookie_alone_changes_nothing(cookie: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """Every verb that changes something is refused without the `_xsrf` token, and nothing is done."""
    for route, op in UNSAFE:
        for headers in ({"Cookie": cookie}, {"Cookie": f"{cookie}; _xsrf={TOKEN}"}):
            code, problem = await asked(jp_fetch, route.path, op.verb, {"Authorization": "", **headers})
            assert (code, problem["code"]) == (403, "forbidden"), f"{op.verb} {route.path}"
            assert "token" in problem["hint"]
    assert not services.jobs.jobs
    assert not services.corpora.known


async def test_a_page_of_jupyter_passes(cookie: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """The cookie and the token that only pages of this server can read go through."""
    assert not services.closed
    headers = {"Authorization": "", "Cookie": f"{cookie}; _xsrf={TOKEN}", "X-XSRFToken": TOKEN}
    for route, op in UNSAFE:
        code, problem = await asked(jp_fetch, route.path, op.verb, headers)
        assert code not in {401, 403}, f"{op.verb} {route.path}: {problem}"


async def test_a_program_with_the_token_passes(services: FakeServices, jp_fetch: Fetch) -> None:
    """It has no cookies that somebody could abuse."""
    assert not services.closed
    for route, op in UNSAFE:
        code, problem = await asked(jp_fetch, route.path, op.verb, {})
        assert code not in {401, 403}, f"{op.verb} {route.path}: {problem}"


async def test_reading_needs_no_token_of_the_page(
    cookie: str, services: FakeServices, jp_fetch: Fetch
) -> None:
    """A link or an image could ask, and would learn nothing: another site cannot read the answer."""
    assert not services.closed
    headers = {"Authorization": "", "Cookie": cookie}
    code, _ = await asked(jp_fetch, "/api/v1/code/jobs", "GET", headers)
    assert code == 200
