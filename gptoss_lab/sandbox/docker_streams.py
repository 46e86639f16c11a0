"""Docker's attach and exec streams on the event loop.

A hijacked stream starts in the same bytes as the HTTP answer's head. A client library that reads
the head through a buffer can swallow the stream's first bytes, so the head is read here.

Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from gptoss_lab.errors import SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.within import within

STREAM_HEADER = struct.Struct(">BxxxL")
STDOUT = 1
MAX_HEAD_BYTES = 16 << 10
TAIL_BYTES = 8 << 10
READER_LIMIT_BYTES = 256 << 10
HEAD_TIMEOUT_S = 30.0
HTTP_REDIRECT = 300


@dataclass(frozen=True, slots=True)
class Address:
    """Where a daemon listens."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"unix://{self.path}" if self.path else f"tcp://{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read a `DOCKER_HOST` value.

        Raises:
            SandboxUnavailableError: It is not a unix socket or plain TCP.
        """
        parts = urlsplit(url)
        if parts.scheme == "unix" and parts.path:
            return cls(path=f"/{parts.netloc}{parts.path}" if parts.netloc else parts.path)
        if parts.scheme in {"tcp", "http"} and parts.hostname:
            return cls(host=parts.hostname, port=parts.port or 2375)
        raise SandboxUnavailableError(
            f"The Docker address {url!r} is not one that a sandbox can use",
            hint="Use unix:///path/to/docker.sock, or tcp://host:port through a tunnel (no TLS, no ssh://).",
        )


class DockerStream(asyncio.Protocol):
    """A hijacked stream. `stdout` is for reading; of all else only the end is kept in `tail`."""

    def __init__(self, *, keep_stdout: bool) -> None:
        self.stdout = asyncio.StreamReader(limit=READER_LIMIT_BYTES)
        self.tail = bytearray()
        self.ended = asyncio.Event()
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._keep_stdout = keep_stdout
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._left = 0
        self._kind = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection gives
        self._transport = transport
        self.stdout.set_transport(transport)

    def data_received(self, data: bytes) -> None:
        """Read the head, then split the two streams."""
        self._received += data
        if not self.head.done():
            head, found, rest = bytes(self._received).partition(b"\r\n\r\n")
            if not found and len(head) < MAX_HEAD_BYTES:
                return
            self.head.set_result(head)
            self._received = bytearray(rest)
        self._split()

    def _split(self) -> None:
        received = self._received
        while received:
            if not self._left:
                if len(received) < STREAM_HEADER.size:
                    return
                self._kind, self._left = STREAM_HEADER.unpack_from(received)
                del received[: STREAM_HEADER.size]
                continue
            part = bytes(received[: self._left])
            del received[: len(part)]
            self._left -= len(part)
            if self._kind == STDOUT and self._keep_stdout:
                self.stdout.feed_data(part)
            else:
                self.tail = (self.tail + part)[-TAIL_BYTES:]

    def connection_lost(self, exc: Exception | None) -> None:
        """End the reader and release who waits."""
        del exc
        if not self.head.done():
            self.head.set_result(b"")
        self.stdout.feed_eof()
        self.ended.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """Hold writers back."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let writers go on."""
        self._writable.set()

    async def write(self, data: bytes) -> None:
        """Send bytes to standard input; returns once they are accepted.

        Raises:
            BrokenPipeError: The stream has ended.
        """
        await self._writable.wait()
        if self.ended.is_set() or self._transport is None or self._transport.is_closing():
            raise BrokenPipeError("the Docker stream has ended")
        self._transport.write(data)

    def close(self) -> None:
        """End the stream now. Idempotent."""
        if self._transport is not None:
            self._transport.abort()

    def tail_text(self) -> str:
        """Return the end of what was printed."""
        return bytes(self.tail).decode("utf-8", "replace").strip()


async def _connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection.

    Raises:
        SandboxUnavailableError: Nobody listens.
    """
    try:
        if address.path:
            return await asyncio.open_unix_connection(address.path)
        return await asyncio.open_connection(address.host, address.port)
    except OSError as error:
        raise SandboxUnavailableError(f"No Docker or Podman daemon answers at {address}") from error


async def knock(address: Address, timeout_s: float) -> None:
    """Find out quickly whether anybody listens.

    Raises:
        SandboxUnavailableError: Nobody does.
    """
    try:
        _, writer = await within(_connect(address), timeout_s)
    except asyncio.TimeoutError as error:
        raise SandboxUnavailableError(f"No Docker or Podman daemon answers at {address}") from error
    writer.transport.abort()


async def open_stream(
    address: Address, path: str, query: Mapping[str, str], body: Mapping[str, Any]
) -> DockerStream:
    """Post a request and take over its connection.

    Raises:
        SandboxError: The daemon refused.
        SandboxUnavailableError: It does not answer.
    """
    loop = asyncio.get_running_loop()
    exec_start = path.endswith("/start")
    try:
        if address.path:
            made = loop.create_unix_connection(lambda: DockerStream(keep_stdout=exec_start), address.path)
        else:
            made = loop.create_connection(
                lambda: DockerStream(keep_stdout=exec_start), address.host, address.port
            )
        transport, stream = await made
    except OSError as error:
        raise SandboxUnavailableError("The Docker daemon went away") from error
    try:
        # Podman hands a body that it does not read on to the container.
        content = json.dumps(body).encode() if body else b""
        transport.write(_head(path, query, content, upgrade=True))
        head = await within(asyncio.shield(stream.head), HEAD_TIMEOUT_S)
        _check_upgrade(head)
    except asyncio.TimeoutError as error:
        stream.close()
        raise SandboxError("The Docker daemon did not open a stream in time") from error
    except BaseException:
        stream.close()
        raise
    return stream


def _check_upgrade(head: bytes) -> None:
    status = _status(head)
    if status not in {101, 200}:
        raise SandboxError(f"The Docker daemon refused a stream with status {status}")


class Answer:
    """An answer that may come late, such as that of a container's `wait`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._head = b""

    async def begin(self, timeout_s: float) -> None:
        """Wait for the answer's head: Docker sends it once it watches, Podman only at the end."""
        try:
            self._head = await within(self._reader.readuntil(b"\r\n\r\n"), timeout_s)
        except (asyncio.TimeoutError, asyncio.IncompleteReadError, OSError):
            return

    async def result(self) -> tuple[int, dict[str, Any]]:
        """Return the status and the JSON body.

        Raises:
            SandboxUnavailableError: The daemon went away first.
        """
        try:
            head, _, text = (self._head + await self._reader.read()).partition(b"\r\n\r\n")
            return _status(head), json.loads(text)
        except (OSError, ValueError) as error:
            raise SandboxUnavailableError("The Docker daemon went away") from error
        finally:
            self.close()

    def close(self) -> None:
        """Drop the connection. Idempotent."""
        self._writer.transport.abort()


async def post(address: Address, path: str, query: Mapping[str, str]) -> Answer:
    """Post without a body.

    Raises:
        SandboxUnavailableError: The daemon does not answer.
    """
    reader, writer = await _connect(address)
    writer.write(_head(path, query, b"", upgrade=False))
    return Answer(reader, writer)


def _status(head: bytes) -> int:
    words = head.split(None, 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def _head(path: str, query: Mapping[str, str], body: bytes, *, upgrade: bool) -> bytes:
    """Write a request. Without an upgrade HTTP/1.0 is spoken: its answers end with the connection."""
    lines = [
        f"POST {path}?{urlencode(query)} HTTP/1.{int(upgrade)}",
        "Host: docker",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]
    if upgrade:
        lines += ["Connection: Upgrade", "Upgrade: tcp"]
    return "\r\n".join([*lines, "", ""]).encode() + body
