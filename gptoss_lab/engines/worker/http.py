"""As much of HTTP/1.1 as one request on one connection needs. Every read has an end."""

from __future__ import annotations

import asyncio
import hmac
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from gptoss_lab.engines.worker.faults import Refused

MAX_HEAD_BYTES = 32 << 10
MAX_BODY_BYTES = 16 << 20
_READ_TIMEOUT_S = 30.0
_WRITE_TIMEOUT_S = 30.0
_CODES = {400: "BadRequestError", 401: "Unauthorized", 404: "NotFoundError", 503: "ServiceUnavailable"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request; the names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def brings(self, key: str) -> bool:
        """Say whether it brings the key."""
        given = self.headers.get("authorization", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {key}".encode())


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the request of a connection; None where it was closed without one.

    Args:
        reader: The connection's; its limit must be over `MAX_HEAD_BYTES`.

    Raises:
        Refused: It is not HTTP, is too large, or comes too slowly.
    """
    reading = asyncio.ensure_future(_read(reader))
    try:
        await asyncio.wait({reading}, timeout=_READ_TIMEOUT_S)
        if not reading.done():
            raise Refused(408, "The request came too slowly")
        return reading.result()
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise Refused(431, "The head of the request is too large") from error
    finally:
        reading.cancel()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    if len(head) > MAX_HEAD_BYTES:
        raise Refused(431, "The head of the request is too large")
    line, *rows = head.rstrip("\r\n").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise Refused(400, "This is not HTTP")
    headers: dict[str, str] = {}
    for row in rows:
        name, colon, value = row.partition(":")
        if not colon or name.strip() != name or name.lower() in headers:
            raise Refused(400, "A header is malformed")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(_body_bytes(headers))
    return Request(words[0], words[1].partition("?")[0], headers, body)


def _body_bytes(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise Refused(411, "The length of the body must be said")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) < 20):  # noqa: PLR2004 - of 64 bits
        raise Refused(400, "The content-length is malformed")
    if int(length) > MAX_BODY_BYTES:
        raise Refused(413, "The body is too large")
    return int(length)


class Reply:
    """Writes one answer, and closes the connection behind it.

    Args:
        writer: The connection's.
        request_id: What the client calls its request, to be said back; empty says nothing.
    """

    def __init__(self, writer: asyncio.StreamWriter, request_id: str = "") -> None:
        self.begun = False
        self._writer = writer
        self._request_id = request_id

    async def send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """Write a whole answer."""
        self._head(status, kind, {"Content-Length": str(len(body)), **headers})
        self._writer.write(body)
        await self._drain()

    async def send_json(self, status: int, body: Any, **headers: str) -> None:
        """Write an answer in JSON."""
        await self.send(status, json.dumps(body).encode(), **headers)

    async def refuse(self, refusal: Refused) -> None:
        """Write why a request is not served."""
        headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
        await self.send_json(refusal.status, error_body(refusal.status, refusal.message), **headers)

    async def begin_stream(self) -> None:
        """Begin a stream of events, in chunks: a client can tell an end from a breaking off."""
        headers = {"Cache-Control": "no-cache", "Transfer-Encoding": "chunked"}
        self._head(200, "text/event-stream; charset=utf-8", headers)
        await self._drain()

    async def event(self, data: Any) -> None:
        """Write one event."""
        await self._chunk(b"data: %b\n\n" % json.dumps(data).encode())

    async def beat(self) -> None:
        """Write what readers of events pass over, so that they know we are alive."""
        await self._chunk(b": working\n\n")

    async def end_stream(self) -> None:
        """Write the last event, and the end of the stream."""
        await self._chunk(b"data: [DONE]\n\n")
        await self._chunk(b"")

    async def _chunk(self, data: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await self._drain()

    def _head(self, status: int, kind: str, headers: dict[str, str]) -> None:
        rows = {"Content-Type": kind, "Connection": "close", **headers}
        if self._request_id.isascii() and self._request_id.isprintable() and self._request_id:
            rows["X-Request-Id"] = self._request_id
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{key}: {rows[key]}" for key in rows)]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        self.begun = True

    async def _drain(self) -> None:
        draining = asyncio.ensure_future(self._writer.drain())
        try:
            await asyncio.wait({draining}, timeout=_WRITE_TIMEOUT_S)
            if not draining.done():
                raise ConnectionResetError("the client does not read")
            draining.result()
        finally:
            draining.cancel()


def error_body(status: int, message: str) -> dict[str, Any]:
    """Return an error in the form of the protocol."""
    kind = _CODES.get(status, "BadRequestError" if status < 500 else "InternalServerError")  # noqa: PLR2004
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}
