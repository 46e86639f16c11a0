"""Attacks on the relay's frames, from either end, with whatever a fuzzer thinks of."""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import socket
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptoss_lab.sandbox.agent.mux import DATA, HEADER, MAX_PAYLOAD_BYTES, OPEN, READY, SIGNAL, Mux
from gptoss_lab.sandbox.frames import FrameError, FrameParser, close_frame, data_frame
from gptoss_lab.sandbox.relay import Relay
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.sandbox.zmtp import MessageMeter
from tests.fakes.runtime import FakeSandbox

pytestmark = pytest.mark.timeout(300)

GREETING = (b"\xff" + bytes(8) + b"\x7f\x03").ljust(64, b"\0")
LIMIT = 1 << 20
WORD = st.integers(0, 2**32 - 1)
LENGTHS = st.sampled_from([0, 1, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES + 1, 2**31, 2**32 - 1]) | WORD
HEADERS = st.builds(HEADER.pack, st.integers(0, 4) | WORD, st.integers(0, 255), LENGTHS)
FRAMES = st.one_of(
    st.builds(data_frame, st.integers(1, 2), st.binary(max_size=300)),
    st.builds(data_frame, st.integers(1, 2), st.just(GREETING)),
    st.builds(close_frame, st.integers(0, 3)),
    st.builds(data_frame, WORD, st.binary(max_size=20)),
)
PIECES = st.lists(st.one_of(FRAMES, HEADERS, st.binary(max_size=80)), max_size=16)
CUTS = st.lists(st.integers(1, 400), max_size=30)


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    """Cut a stream at any place, as reads do."""
    chunks = []
    for size in sizes:
        chunks.append(stream[:size])
        stream = stream[size:]
    return [chunk for chunk in (*chunks, stream) if chunk]


def short_frame(flags: int, body: bytes) -> bytes:
    """Return a small ZMTP frame."""
    return struct.pack(">BB", flags, len(body)) + body


async def hear(chunks: list[bytes], *, message_limit: int | None) -> tuple[Relay, FakeSandbox, list[bytes]]:
    """Let a relay with two clients hear a stream to its end; return what the clients got."""
    with tempfile.TemporaryDirectory(prefix="gl-") as name:
        descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - of this process
        sandbox = FakeSandbox()
        relay = Relay(sandbox, Path(name), byte_limit=LIMIT, message_limit=message_limit)
        await relay.start()
        clients = [await asyncio.open_unix_connection(f"{relay.address}-{number}") for number in (1, 2)]
        await sandbox.until_frames(2)
        for chunk in chunks:
            sandbox.say(chunk)
            await asyncio.sleep(0)
        sandbox.end(Exit(0))
        got = []
        for reader, writer in clients:
            got.append(await asyncio.wait_for(reader.read(), 10))
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        await relay.close()
        await asyncio.sleep(0)
        assert list(Path(name).iterdir()) == []  # noqa: ASYNC240 - a moment
        assert len(os.listdir("/proc/self/fd")) <= descriptors  # noqa: PTH208 - as above
        return relay, sandbox, got


@settings(max_examples=150, deadline=None)
@given(pieces=PIECES, sizes=CUTS, limited=st.booleans())
def test_20_any_stream_into_the_relay(pieces: list[bytes], sizes: list[int], limited: bool) -> None:
    """Clients get no byte that was not theirs, a broken rule ends the sandbox, and nothing is left open."""
    stream = b"".join(pieces)
    limit = 1000 if limited else None
    relay, _, got = asyncio.run(hear(cut(stream, sizes), message_limit=limit))
    assert sum(map(len, got)) <= len(stream)
    parser = FrameParser()
    broken, own = False, {1: b"", 2: b""}
    try:
        for frame in parser.feed(stream):
            if frame.connection in own and frame.payload is not None:
                own[frame.connection] += frame.payload
    except FrameError:
        broken = True
    if broken:
        assert relay.reason
    else:
        assert all(own[number].startswith(text) for number, text in enumerate(got, 1))


@pytest.mark.parametrize("announced", [MAX_PAYLOAD_BYTES + 1, 1 << 31, (1 << 32) - 1])
def test_20_four_gigabytes_are_announced(announced: int) -> None:
    """A length beyond the rules is refused at its header: nothing is kept for what might follow."""
    parser = FrameParser()
    with pytest.raises(FrameError, match="over the limit"):
        parser.feed(HEADER.pack(1, DATA, announced) + b"x" * 1000)


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.builds(
                lambda flags, size: struct.pack(">BQ", flags | 2, size),
                st.integers(0, 7),
                st.integers(0, 2**64 - 1),
            ),
            st.builds(
                lambda flags, body: struct.pack(">BB", flags & ~2, len(body)) + body,
                st.integers(0, 7),
                st.binary(max_size=255),
            ),
        ),
        max_size=12,
    ),
    sizes=CUTS,
    greeted=st.booleans(),
)
def test_20_any_stream_into_the_meter(pieces: list[bytes], sizes: list[int], greeted: bool) -> None:
    """It raises its own error or goes on, says the same wherever the stream is cut, and keeps nothing."""
    stream = (GREETING if greeted else b"") + b"".join(pieces)

    def verdict(chunks: list[bytes]) -> str:
        meter = MessageMeter(1000)
        try:
            for chunk in chunks:
                meter.feed(chunk)
        except FrameError as error:
            return error.message
        assert len(meter._head) <= 64
        return ""

    assert verdict(cut(stream, sizes)) == verdict([stream])


class Inside:
    """The inner end, in this process: its pipes, a port that listens, and what it was told to do."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        inward, self.to_mux = os.pipe()
        self.from_mux, outward = os.pipe()
        os.set_blocking(self.from_mux, False)
        self.signals: list[int] = []
        self.ends = 0
        self._pipes = (inward, outward)
        self.mux = Mux(self.selector, self._pipes, self.signals.append, self._end)

    def _end(self) -> None:
        self.ends += 1

    def hear(self, chunks: list[bytes]) -> bytes:
        """Let it hear a stream, and its end; return all that it said."""
        said = b""
        for chunk in [*chunks, b""]:
            if chunk:
                os.write(self.to_mux, chunk)
            else:
                os.close(self.to_mux)
            for _ in range(4):
                self.mux.prepare()
                for key, mask in self.selector.select(0.001):
                    if key.fd in self.selector.get_map() and not self.ends:
                        key.data(mask)
                with contextlib.suppress(BlockingIOError):
                    said += os.read(self.from_mux, 1 << 20)
                if self.ends:
                    return said
        return said

    def close(self) -> None:
        """Release everything."""
        for link in list(self.mux.links.values()):
            if link.sock is not None:
                link.sock.close()
        for fd in (*self._pipes, self.from_mux):
            os.close(fd)
        self.selector.close()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_20_any_stream_into_the_inner_end(data: st.DataObject) -> None:
    """Frames from outside that break the rules reach no other port, and the end of the stream is seen."""
    with socket.create_server(("127.0.0.1", 0)) as kernel:
        port = kernel.getsockname()[1]
        frames = st.one_of(
            st.builds(HEADER.pack, st.integers(0, 3), st.just(OPEN), st.just(port)),
            st.builds(data_frame, st.integers(0, 4), st.binary(max_size=200)),
            st.builds(close_frame, st.integers(0, 4)),
            st.builds(HEADER.pack, st.just(0), st.just(SIGNAL), st.integers(0, 80)),
            st.builds(HEADER.pack, WORD, st.integers(0, 255), st.integers(0, 500)),
            st.binary(max_size=30),
        )
        stream = b"".join(data.draw(st.lists(frames, max_size=12)))
        inside = Inside()
        try:
            said = inside.hear(cut(stream, data.draw(CUTS)))
            assert said.startswith(READY)
            assert FrameParser().feed(said[len(READY) :]) is not None
            assert inside.ends == 1
            assert len(inside.mux.links) <= 12
        finally:
            inside.close()


def test_20_a_number_that_is_opened_twice() -> None:
    """The kernel sees its first connection end; nothing of it stays open."""
    with socket.create_server(("127.0.0.1", 0)) as kernel:
        opened = HEADER.pack(1, OPEN, kernel.getsockname()[1])
        inside = Inside()
        try:
            inside.hear([opened, opened])
            first = kernel.accept()[0]
            with first:
                first.settimeout(5)
                assert first.recv(1) == b""
        finally:
            inside.close()
