"""A front server, and behind it one that does the work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from tests.fakes.back import Back

Fetch = Callable[..., Any]


@pytest.fixture
async def back() -> AsyncIterator[Back]:
    """The server that does the work."""
    async with Back() as one:
        yield one


@pytest.fixture
def jp_base_url() -> str:
    """The front's own base URL, which is another."""
    return "/front/"


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any], back: Back, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Have the front pass its work on."""
    monkeypatch.setenv("GPTOSS_LAB_REMOTE_TOKEN", back.token)
    return {**jp_server_config, "GptossLabApp": {"remote": {"url": back.url}}}


@pytest.fixture
def listening(jp_fetch: Fetch, jp_http_port: int) -> int:
    """The port of the front."""
    assert callable(jp_fetch)
    return jp_http_port


@pytest.fixture
def fetch(jp_fetch: Fetch) -> Fetch:
    """Ask the front, and return also what it refuses."""

    async def one(verb: str, path: str, body: str | None = None, **headers: str) -> HTTPResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        place, _, query = path.partition("?")
        asked = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
        options = {"method": verb, "body": body, "headers": sent, "params": asked}
        try:
            answer: HTTPResponse | None = await jp_fetch(*place.strip("/").split("/"), **options)
        except HTTPClientError as error:
            answer = error.response
        assert answer is not None, "no answer"
        return answer

    return one
