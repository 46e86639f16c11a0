"""Services of this machine that no sandbox may ever reach."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Canary:
    """Listeners on every address of this machine, on one port, and on one abstract unix name."""

    port: int
    name: str
    streams: list[socket.socket] = field(default_factory=list)
    datagrams: list[socket.socket] = field(default_factory=list)

    def visits(self) -> int:
        """Count who came since the last time."""
        count = 0
        for listener in self.streams:
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    count += 1
        for listener in self.datagrams:
            with contextlib.suppress(BlockingIOError):
                while listener.recv(1024):
                    count += 1
        return count

    def addresses(self) -> list[str]:
        """Return the addresses of this machine."""
        named = socket.gethostbyname(socket.gethostname())
        return list(dict.fromkeys(["127.0.0.1", named, *outward()]))


@contextlib.contextmanager
def canary() -> Iterator[Canary]:
    """Listen until the end of the block."""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("0.0.0.0", 0)))  # noqa: S104 - nobody inside may reach it
        port = int(first.getsockname()[1])
        made = Canary(port, f"\0gptoss-canary-{secrets.token_hex(8)}", [first])
        udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        udp.bind(("0.0.0.0", port))  # noqa: S104 - as above
        made.datagrams.append(udp)
        for kind, kept in ((socket.SOCK_STREAM, made.streams), (socket.SOCK_DGRAM, made.datagrams)):
            unix = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            unix.bind(made.name + str(int(kind)))
            if kind == socket.SOCK_STREAM:
                unix.listen()
            kept.append(unix)
        for listener in (*made.streams, *made.datagrams):
            listener.setblocking(False)
        yield made


def outward() -> list[str]:
    """Return the address that this machine has towards the internet, where it has one."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return [str(probe.getsockname()[0])]
    return []
