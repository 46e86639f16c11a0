"""The inner end of the relay, run as the program that goes into a sandbox."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.sandbox.agent import mux_source
from gptoss_lab.sandbox.agent.mux import CLOSE, DATA, HEADER, READY
from gptoss_lab.sandbox.frames import close_frame, data_frame, open_frame, signal_frame

Frame = tuple[int, int, bytes]


class Inside:
    """A running mux and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.stdin = process.stdin
        self.stdout = process.stdout

    async def send(self, *frames: bytes) -> None:
        self.stdin.write(b"".join(frames))
        await self.stdin.drain()

    async def frame(self) -> Frame:
        head = await asyncio.wait_for(self.stdout.readexactly(HEADER.size), 10)
        connection, operation, length = HEADER.unpack(head)
        return connection, operation, await self.stdout.readexactly(length)

    async def data(self, connection: int, size: int) -> bytes:
        got = b""
        while len(got) < size:
            found, operation, payload = await self.frame()
            assert (found, operation) == (connection, DATA)
            got += payload
        return got


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    """The program, running and ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-c", mux_source()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    inside = Inside(process)
    assert await inside.stdout.readexactly(4) == READY
    yield inside
    inside.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) is not None


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A port on which everything is echoed."""
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        found: int = sock.getsockname()[1]
        return found


async def test_two_connections_do_not_mix(inside: Inside, port: int) -> None:
    """Each connection gets its own bytes back."""
    await inside.send(open_frame(1, port), open_frame(2, port), data_frame(1, b"one"))
    assert await inside.frame() == (1, DATA, b"one")
    await inside.send(data_frame(2, b"two"))
    assert await inside.frame() == (2, DATA, b"two")


async def test_frames_may_be_cut_anywhere(inside: Inside, port: int) -> None:
    """A frame that arrives byte by byte is understood."""
    for byte in open_frame(1, port) + data_frame(1, b"slow"):
        await inside.send(bytes([byte]))
    assert await inside.data(1, 4) == b"slow"


async def test_it_waits_for_the_kernel_to_listen(inside: Inside) -> None:
    """What is sent before the kernel listens arrives once it does."""
    port = _free_port()
    await inside.send(open_frame(1, port), data_frame(1, b"early"))
    await asyncio.sleep(0.2)
    server = await asyncio.start_server(_echo, "127.0.0.1", port)
    assert await inside.frame() == (1, DATA, b"early")
    server.close()


async def test_large_bytes_survive_both_ways(inside: Inside, port: int) -> None:
    """Five megabytes come back whole while we do not read for a while."""
    block = bytes(range(256)) * 256
    await inside.send(open_frame(1, port))

    async def late() -> bytes:
        await asyncio.sleep(0.2)
        return await inside.data(1, 80 * len(block))

    _, got = await asyncio.gather(inside.send(*(data_frame(1, block) for _ in range(80))), late())
    assert got == block * 80


async def test_a_closing_kernel_closes_one_connection(inside: Inside, port: int) -> None:
    """The end of a kernel's connection is told; the others go on."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    await inside.send(open_frame(1, port), open_frame(2, server.sockets[0].getsockname()[1]))
    assert await inside.frame() == (2, CLOSE, b"")
    await inside.send(data_frame(2, b"late"), data_frame(1, b"on"))
    assert await inside.frame() == (1, DATA, b"on")
    server.close()


async def test_bytes_before_a_close_are_delivered(inside: Inside) -> None:
    """A client that sends and hangs up at once is still heard, even by a kernel that listens late."""
    heard = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())
        writer.close()

    port = _free_port()
    await inside.send(open_frame(1, port), data_frame(1, b"last words"), close_frame(1))
    await asyncio.sleep(0.1)
    server = await asyncio.start_server(listen, "127.0.0.1", port)
    assert await asyncio.wait_for(heard, 5) == b"last words"
    server.close()


async def test_it_ends_with_its_input(inside: Inside, port: int) -> None:
    """When the outer end is gone it ends at once."""
    await inside.send(open_frame(1, port))
    inside.stdin.close()
    assert await asyncio.wait_for(inside.process.wait(), 5) == 0


async def test_it_refuses_signals(inside: Inside) -> None:
    """A relay without a kernel does not pretend to deliver a signal."""
    await inside.send(signal_frame(2))
    assert await asyncio.wait_for(inside.process.wait(), 5) == 1
