"""Message sizes, read from the stream of a real socket and from made-up ones."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import zmq

from gptoss_lab.sandbox.frames import FrameError
from gptoss_lab.sandbox.zmtp import GREETING_BYTES, MessageMeter

GREETING = (b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01NULL").ljust(GREETING_BYTES, b"\0")
READY = b"\x04\x06\x05READY"


def frame(size: int, *, more: bool = False) -> bytes:
    """Return a part of a message."""
    return bytes([2 | more]) + size.to_bytes(8, "big") + b"x" * size


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_cuts_do_not_matter(step: int) -> None:
    """Messages at the limit pass, however they are cut; their sizes do not add up."""
    meter = MessageMeter(1000)
    stream = GREETING + READY + (frame(400, more=True) + frame(582)) * 3 + b"\x00\x05hello"
    for start in range(0, len(stream), step):
        meter.feed(stream[start : start + step])
    with pytest.raises(FrameError):
        meter.feed(frame(1000))


@pytest.mark.parametrize(
    "stream",
    [
        frame(1000),
        frame(400, more=True) + frame(592),
        b"\x01\x80" + b"x" * 128 + b"\x01\x00" * 500,
        b"\x02" + b"\xff" * 8,
        b"\x06" + b"\xff" * 8,
    ],
)
def test_a_message_over_the_limit_is_refused(stream: bytes) -> None:
    """One part, many parts, many empty parts, and sizes that no memory has."""
    meter = MessageMeter(1000)
    with pytest.raises(FrameError, match="a message of more than"):
        meter.feed(GREETING + READY + stream)


@pytest.mark.parametrize(
    "stream",
    [b"\xff" + bytes(8) + b"\x7f\x01\x05", b"\x01\x00" * 10, b"\xff" + bytes(8) + b"\x00" * 10],
)
def test_older_protocols_are_refused(stream: bytes) -> None:
    """What would be read by other rules on the other side does not pass."""
    with pytest.raises(FrameError, match="ZMTP 3"):
        MessageMeter(1000).feed(stream)


def test_reads_a_real_socket(tmp_path: Path) -> None:
    """The sizes of what a real socket sends are found."""
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.linger = 0
        place = tmp_path.relative_to("/") / "s"
        push.bind(f"ipc:///{place}")
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(f"/{place}")
            peer.sendall(GREETING + b"\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x04PULL")
            push.send_multipart([b"id", b"x" * 3000])
            push.send_multipart([b"id", b"y" * 30000])
            peer.settimeout(5)
            received = b""
            while len(received) < 33_000 and (chunk := peer.recv(4096)):
                received += chunk
    MessageMeter(30_013).feed(received)
    with pytest.raises(FrameError, match="a message of more than"):
        MessageMeter(30_012).feed(received)
