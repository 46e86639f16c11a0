"""Requests as clients send them, and as nobody should."""

from __future__ import annotations

import asyncio

import pytest

from gptoss_lab.engines.worker import http
from gptoss_lab.engines.worker.faults import Refused
from gptoss_lab.engines.worker.http import Request, read_request


async def read(sent: bytes, *, end: bool = True) -> Request | None:
    """Read what a client has sent."""
    reader = asyncio.StreamReader(limit=2 * http.MAX_HEAD_BYTES)
    reader.feed_data(sent)
    if end:
        reader.feed_eof()
    return await read_request(reader)


async def test_a_request_is_read() -> None:
    """Its query is not a part of its path, and its headers have no case."""
    request = await read(b"POST /v1/x?a=b HTTP/1.1\r\nHost: e\r\nCONTENT-length: 2\r\n\r\n{}")
    assert request == Request("POST", "/v1/x", {"host": "e", "content-length": "2"}, b"{}")


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"])
async def test_a_connection_that_ends_early_asks_for_nothing(sent: bytes) -> None:
    """It is no fault."""
    assert await read(sent) is None


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / FTP/1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * (40 << 10) + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * (80 << 10) + b"\r\n\r\n", 431),
    ],
)
async def test_what_is_not_such_a_request_is_refused(sent: bytes, status: int) -> None:
    """With the status that says why."""
    with pytest.raises(Refused) as refused:
        await read(sent)
    assert refused.value.status == status


async def test_a_client_that_dawdles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has to come within its time."""
    monkeypatch.setattr(http, "_READ_TIMEOUT_S", 0.05)
    with pytest.raises(Refused) as refused:
        await read(b"GET / HTTP/1.1\r\n", end=False)
    assert refused.value.status == 408


def test_a_key_is_compared_in_whole() -> None:
    """And not shown by a representation."""
    request = Request("GET", "/", {"authorization": "Bearer key"})
    assert request.brings("key")
    assert not request.brings("ke")
    assert not Request("GET", "/", {}).brings("key")
    assert not Request("GET", "/", {"authorization": "Bearer käy"}).brings("key")
    assert "Bearer" not in repr(request)
