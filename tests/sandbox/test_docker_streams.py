"""Docker's streams, against a small server that speaks as the daemon does."""

from __future__ import annotations

import asyncio
import struct
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.docker_streams import Address, open_stream, post

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\n"


def _frame(kind: int, text: bytes) -> bytes:
    return struct.pack(">BxxxL", kind, len(text)) + text


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Serve], Awaitable[Address]]]:
    """Start a daemon that handles one kind of request."""
    with tempfile.TemporaryDirectory(prefix="gl-") as folder:
        servers: list[asyncio.Server] = []

        async def start(handle: Serve) -> Address:
            async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                await handle(reader, writer)
                writer.close()

            path = str(Path(folder) / "docker.sock")
            servers.append(await asyncio.start_unix_server(one, path))
            return Address(path=path)

        yield start
        for server in servers:
            server.close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("unix:///var/run/docker.sock", Address(path="/var/run/docker.sock")),
        ("tcp://10.0.0.1:2375", Address(host="10.0.0.1", port=2375)),
        ("tcp://box", Address(host="box", port=2375)),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    """Unix sockets and plain TCP are understood."""
    assert Address.parse(url) == address


@pytest.mark.parametrize("url", ["ssh://me@box", "npipe:////./pipe/docker", "", "/var/run/docker.sock"])
def test_other_addresses_are_refused(url: str) -> None:
    """What we do not speak is refused with what to use instead."""
    with pytest.raises(SandboxUnavailableError) as caught:
        Address.parse(url)
    assert "unix://" in caught.value.hint


async def test_bytes_that_come_with_the_head_are_kept(serve: Callable[[Serve], Awaitable[Address]]) -> None:
    """The stream's first bytes may arrive in the same packet as the answer's head.

    Nothing is sent before what is written: Podman would hand it on to the container.
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(UPGRADED + _frame(1, b"RDY1") + _frame(2, b"oops\n"))
        await writer.drain()
        writer.write(_frame(1, await reader.readexactly(4)))
        await writer.drain()

    stream = await open_stream(await serve(handle), "/exec/1/start", {}, {})
    assert await stream.stdout.readexactly(4) == b"RDY1"
    await stream.write(b"ping")
    assert await stream.stdout.read() == b"ping"
    await stream.ended.wait()
    assert stream.tail_text() == "oops"
    with pytest.raises(BrokenPipeError):
        await stream.write(b"more")


async def test_an_attach_keeps_only_the_end(serve: Callable[[Serve], Awaitable[Address]]) -> None:
    """Of what a container prints the last words are kept, however much it is."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(UPGRADED + _frame(1, b"x" * 1_000_000) + _frame(2, b"the end"))
        await writer.drain()

    stream = await open_stream(await serve(handle), "/containers/1/attach", {}, {})
    await asyncio.wait_for(stream.ended.wait(), 5)
    assert stream.tail_text().endswith("the end")
    assert len(stream.tail) < 10_000


async def test_a_refusal_is_an_error(serve: Callable[[Serve], Awaitable[Address]]) -> None:
    """An answer other than an upgrade is told with its status."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 409 Conflict\r\n\r\n{}")

    with pytest.raises(SandboxError, match="status 409"):
        await open_stream(await serve(handle), "/exec/1/start", {}, {})


async def test_a_daemon_that_hangs_up_is_an_error(serve: Callable[[Serve], Awaitable[Address]]) -> None:
    """A connection that ends before the head is an error, not a hang."""

    async def handle(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        return

    with pytest.raises(SandboxError):
        await open_stream(await serve(handle), "/exec/1/start", {}, {})


async def test_a_late_answer_is_waited_for(serve: Callable[[Serve], Awaitable[Address]]) -> None:
    """The head may come long before the body; both make the answer."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.write(b'{"StatusCode": 3}')

    answer = await post(await serve(handle), "/containers/1/wait", {"condition": "next-exit"})
    await answer.begin(5)
    assert await answer.result() == (200, {"StatusCode": 3})


async def test_a_cut_answer_means_the_daemon_went_away(serve: Callable[[Serve], Awaitable[Address]]) -> None:
    """A daemon that restarts cuts its answers short."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.0 200 OK\r\n\r\n{"Status')

    answer = await post(await serve(handle), "/containers/1/wait", {})
    with pytest.raises(SandboxUnavailableError):
        await answer.result()


async def test_nobody_there_is_an_error(tmp_path: Path) -> None:
    """A socket that is not there is our error."""
    address = Address(path=str(tmp_path / "none.sock"))
    with pytest.raises(SandboxUnavailableError):
        await post(address, "/x", {})
    with pytest.raises(SandboxUnavailableError):
        await open_stream(address, "/x", {}, {})
