"""Carry many connections to the kernel's ports over one pair of pipes.

Runs inside the sandbox. A frame is `>IBI`: connection, operation, length; then that many bytes.
With OPEN the length is the port, with SIGNAL it is the signal's number, and no bytes follow.
"""

from __future__ import annotations

import functools
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable

HEADER = struct.Struct(">IBI")
DATA, OPEN, CLOSE, SIGNAL = range(4)
READY = b"RDY1"
MAX_PAYLOAD_BYTES = 128 << 10
PORTS = range(9001, 9006)

CHUNK_BYTES = 64 << 10
INWARD_HIGH_BYTES = 8 << 20
OUTWARD_HIGH_BYTES = 512 << 10
DIAL_PERIOD_S = 0.01
DIAL_TIMEOUT_S = 120.0

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Link:
    """One connection: a socket once the kernel listens, and the bytes still to go to it."""

    def __init__(self, number: int, port: int) -> None:
        self.number = number
        self.port = port
        self.sock: socket.socket | None = None
        self.pending = bytearray()
        self.closing = False
        self.deadline = time.monotonic() + DIAL_TIMEOUT_S

    def dial(self) -> None:
        """Try to reach the kernel, which may not listen yet."""
        sock = socket.socket()
        sock.settimeout(0.2)
        try:
            sock.connect(("127.0.0.1", self.port))
        except (OSError, OverflowError):  # not there yet, or no port at all
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock


class Mux:
    """The inner end of the relay, driven by a selector that others may share.

    `on_end` is called once when the outer end is gone.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        pipes: tuple[int, int],
        on_signal: Callable[[int], None],
        on_end: Callable[[], None],
    ) -> None:
        self.selector = selector
        self.inward, self.outward = pipes
        self.on_signal = on_signal
        self.on_end = on_end
        self.links: dict[int, Link] = {}
        self.received = bytearray()
        self.unsent = bytearray(READY)
        os.set_blocking(self.outward, False)
        self._flush()

    def timeout_s(self) -> float | None:
        """Return how long the selector may sleep."""
        dialing = any(link.sock is None for link in self.links.values())
        return DIAL_PERIOD_S if dialing else None

    def prepare(self) -> None:
        """Dial what is not connected, and tell the selector what to wait for."""
        for link in list(self.links.values()):
            if link.sock is None:
                self._dial(link)
        full = len(self.unsent) >= OUTWARD_HIGH_BYTES
        held = any(len(link.pending) >= INWARD_HIGH_BYTES for link in self.links.values())
        self._want(self.inward, 0 if held else READ, self._on_inward)
        self._want(self.outward, WRITE if self.unsent else 0, self._on_outward)
        for link in self.links.values():
            if link.sock is not None:
                mask = (0 if full else READ) | (WRITE if link.pending else 0)
                self._want(link.sock.fileno(), mask, functools.partial(self._on_link, link))

    def drain(self, limit_s: float) -> None:
        """Send what the kernel said last, for at most `limit_s`."""
        deadline = time.monotonic() + limit_s
        for link in list(self.links.values()):
            while link.number in self.links and link.sock is not None and time.monotonic() < deadline:
                if not self._read(link):
                    break
        os.set_blocking(self.outward, True)
        while self.unsent and time.monotonic() < deadline:
            if not self._flush():
                return

    def _want(self, fd: int, mask: int, handler: Callable[[int], None]) -> None:
        key = self.selector.get_map().get(fd)
        if key is None:
            if mask:
                self.selector.register(fd, mask, handler)
        elif not mask:
            self.selector.unregister(fd)
        elif key.events != mask:
            self.selector.modify(fd, mask, key.data)

    def _dial(self, link: Link) -> None:
        link.dial()
        if link.sock is None:
            if time.monotonic() > link.deadline:
                self._drop(link)
        elif link.pending:
            self._write(link)

    def _on_inward(self, _mask: int) -> None:
        chunk = os.read(self.inward, CHUNK_BYTES)
        if not chunk:
            self.on_end()
            return
        self.received += chunk
        while len(self.received) >= HEADER.size:
            number, operation, length = HEADER.unpack_from(self.received)
            size = HEADER.size + (length if operation == DATA else 0)
            if len(self.received) < size:
                return
            payload = bytes(self.received[HEADER.size : size])
            del self.received[:size]
            self._on_frame(number, operation, length, payload)

    def _on_frame(self, number: int, operation: int, length: int, payload: bytes) -> None:
        if operation == SIGNAL:
            self.on_signal(length)
            return
        if operation == OPEN:
            if number in self.links:  # one that was not closed must not stay open unseen
                self._forget(self.links[number])
            self.links[number] = Link(number, length)
            return
        link = self.links.get(number)
        if link is None:
            return
        if operation == DATA:
            link.pending += payload
        else:
            link.closing = True
        if link.sock is not None:
            self._write(link)
        elif link.closing and not link.pending:
            self._forget(link)

    def _on_link(self, link: Link, mask: int) -> None:
        if mask & WRITE:
            self._write(link)
        if mask & READ and link.number in self.links:
            self._read(link)

    def _read(self, link: Link) -> bool:
        """Pass on what the kernel sent; say whether there may be more."""
        assert link.sock is not None  # noqa: S101 - only connected links are read
        try:
            chunk = link.sock.recv(CHUNK_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._drop(link)
            return False
        self._send(HEADER.pack(link.number, DATA, len(chunk)) + chunk)
        return True

    def _write(self, link: Link) -> None:
        assert link.sock is not None  # noqa: S101 - only connected links are written
        try:
            while link.pending:
                del link.pending[: link.sock.send(link.pending[:CHUNK_BYTES])]
        except BlockingIOError:
            return
        except OSError:
            self._drop(link)
            return
        if link.closing:
            self._forget(link)

    def _drop(self, link: Link) -> None:
        """Tell the outer end that the kernel closed, or never took, this connection."""
        self._send(HEADER.pack(link.number, CLOSE, 0))
        self._forget(link)

    def _forget(self, link: Link) -> None:
        self.links.pop(link.number, None)
        if link.sock is not None:
            self._want(link.sock.fileno(), 0, self._on_inward)
            link.sock.close()

    def _send(self, frame: bytes) -> None:
        self.unsent += frame
        self._flush()

    def _on_outward(self, _mask: int) -> None:
        self._flush()

    def _flush(self) -> bool:
        """Send what the pipe takes now; say whether the outer end is still there."""
        try:
            while self.unsent:
                del self.unsent[: os.write(self.outward, self.unsent[:CHUNK_BYTES])]
        except BlockingIOError:
            return True
        except OSError:
            self.on_end()
            return False
        return True


def run(
    selector: selectors.BaseSelector, mux: Mux | None, patience_s: Callable[[], float | None] = lambda: None
) -> None:
    """Serve for ever; a handler ends it by ending the process, and so may `patience_s`.

    Args:
        selector: Waits for what happens.
        mux: Has its turn before each wait.
        patience_s: Says how long the next wait may last.
    """
    while True:
        waits_s = [patience_s()]
        if mux is not None:
            mux.prepare()
            waits_s.append(mux.timeout_s())
        for key, mask in selector.select(
            min((wait_s for wait_s in waits_s if wait_s is not None), default=None)
        ):
            if key.fd in selector.get_map():
                key.data(mask)


def _refuse(signum: int) -> None:
    raise SystemExit(f"signal {signum} was sent to a relay that has no kernel")


def main() -> None:
    """Carry connections between the standard streams and the kernel."""
    selector = selectors.DefaultSelector()
    run(selector, Mux(selector, (0, 1), _refuse, lambda: os._exit(0)))
