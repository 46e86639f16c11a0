"""The relay's frames as the server reads them: nothing that a sandbox sends is trusted."""

from __future__ import annotations

from dataclasses import dataclass

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.agent.mux import CLOSE, DATA, HEADER, MAX_PAYLOAD_BYTES, OPEN, SIGNAL

CHUNK_BYTES = 64 << 10


class FrameError(SandboxError):
    """The sandbox broke the relay's rules. The message says how."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes of one connection, or its end when `payload` is None."""

    connection: int
    payload: bytes | None


class FrameParser:
    """Turns what a sandbox sends into frames, whatever the cuts between reads."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes.

        Raises:
            FrameError: The operation is not one a sandbox may send, or a length is out of bounds.
        """
        received = self._received
        received += chunk
        frames: list[Frame] = []
        start = 0
        while len(received) - start >= HEADER.size:
            connection, operation, length = HEADER.unpack_from(received, start)
            _check(operation, length)
            end = start + HEADER.size + length
            if end > len(received):
                break
            payload = bytes(received[start + HEADER.size : end]) if operation == DATA else None
            frames.append(Frame(connection, payload))
            start = end
        del received[:start]
        return frames

    def finish(self) -> None:
        """Check that the stream ended between two frames.

        Raises:
            FrameError: It ended inside one.
        """
        if self._received:
            raise FrameError("the stream ended inside a frame")


def _check(operation: int, length: int) -> None:
    if operation not in {DATA, CLOSE}:
        raise FrameError(f"operation {operation} is not one that a sandbox may send")
    if length > MAX_PAYLOAD_BYTES:
        raise FrameError(f"a frame of {length} bytes is over the limit of {MAX_PAYLOAD_BYTES}")
    if operation == CLOSE and length:
        raise FrameError("a closing frame carries bytes")


def data_frame(connection: int, payload: bytes) -> bytes:
    """Return the frame that carries `payload` into the sandbox."""
    return HEADER.pack(connection, DATA, len(payload)) + payload


def open_frame(connection: int, port: int) -> bytes:
    """Return the frame that opens a connection to the kernel's `port`."""
    return HEADER.pack(connection, OPEN, port)


def close_frame(connection: int) -> bytes:
    """Return the frame that closes a connection."""
    return HEADER.pack(connection, CLOSE, 0)


def signal_frame(signum: int) -> bytes:
    """Return the frame that sends a signal to the kernel, for runtimes without another way."""
    return HEADER.pack(0, SIGNAL, signum)
