"""Attacks over the network: there is none, in either direction."""

# ruff: noqa: E501, ASYNC240 - programs for the inside stand here as they are; /proc answers at once

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.attacks.canary import canary
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.outside import namespace
from tests.sandbox.attacks.target import Target, target

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

REACH = {
    "python": """
import socket
for host, port in {targets!r}:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(type=kind) as out:
                out.settimeout(2); out.connect((host, port)); out.send(b'out')
                if kind == socket.SOCK_STREAM: print('REACHED', host, port)
        except OSError: pass
for kind in (socket.SOCK_RAW, 10):
    for family in (socket.AF_INET, socket.AF_PACKET):
        try: socket.socket(family, kind, 1); print('RAW', family, kind)
        except OSError: pass
for name in ('example.com', 'host.docker.internal', 'metadata.google.internal'):
    try: socket.getaddrinfo(name, 80); print('RESOLVED', name)
    except OSError: pass
print('tried')
""",
    "r": """
targets <- list({targets_r})
for (target in targets) {{
  answer <- tryCatch({{
    link <- socketConnection(target[[1]], target[[2]], open = "r+b", blocking = TRUE, timeout = 2)
    close(link); "REACHED"
  }}, error = function(e) "no", warning = function(w) "no")
  if (answer != "no") cat(answer, target[[1]], target[[2]], "\\n")
}}
for (name in c("example.com", "host.docker.internal")) {{
  if (!is.null(tryCatch(nsl(name), error = function(e) NULL, warning = function(w) NULL))) cat("RESOLVED", name, "\\n")
}}
answer <- tryCatch({{ readLines(url("http://1.1.1.1/"), 1); "FETCHED" }}, error = function(e) "no", warning = function(w) "no")
if (answer != "no") cat(answer, "\\n")
cat("tried")
""",
}
LISTEN = (
    "import socket\n"
    "heard = [socket.create_server((host, {port})) for host in ('0.0.0.0',)]\n"
    "heard += [socket.socket(socket.AF_UNIX) for _ in range(1)]\n"
    "heard[-1].bind('\\0{name}'); heard[-1].listen()\n"
    "for one in heard: one.setblocking(False)"
)
VISITORS = (
    "count = 0\n"
    "for one in heard:\n"
    "    try: one.accept(); count += 1\n"
    "    except BlockingIOError: pass\n"
    "print(count)"
)


def reach(language: str, targets: list[tuple[str, int]]) -> str:
    """Return code that tries to reach somewhere in every way."""
    as_r = ", ".join(f'list("{host}", {port}L)' for host, port in targets)
    return REACH[language].format(targets=targets, targets_r=as_r)


async def test_05_nothing_can_be_reached(shared: Target) -> None:
    """Not the internet, names, metadata, the gateway or this machine, which sees no attempt."""
    with canary() as listening:
        hosts = [
            "1.1.1.1",
            "169.254.169.254",
            "172.17.0.1",
            "10.0.2.2",
            "192.168.65.2",
            *listening.addresses(),
        ]
        targets = [(host, port) for host in hosts for port in (53, 80, listening.port)]
        assert await shared.out(reach(shared.language, targets), 240) == "tried"
        assert listening.visits() == 0
    device_lines = Path(f"/proc/{shared.outside.init}/net/dev").read_text().splitlines()[2:]
    assert {line.split(":")[0].strip() for line in device_lines} == {"lo"}
    assert shared.outside.namespaces("net") != {namespace(os.getpid(), "net")}
    assert len(shared.outside.namespaces("net")) == 1


async def test_05_another_sandbox_cannot_be_reached(shared: Target) -> None:
    """A second sandbox that listens everywhere gets no visit from the first, nor shares its network."""
    port, name = 8000 + secrets.randbelow(900), f"gptoss-{secrets.token_hex(8)}"
    async with target(shared.runtime) as other:
        await other.out(LISTEN.format(port=port, name=name))
        places = [("127.0.0.1", port), ("sandbox", port), ("localhost", port), ("127.0.0.1", 9001)]
        tried = await shared.out(reach(shared.language, places[:3]), 60)
        assert tried == "tried"
        assert await other.out(VISITORS) == "0"
        for kind in ("net", "ipc", "pid", "mnt", "uts"):
            assert not shared.outside.namespaces(kind) & other.outside.namespaces(kind), kind


async def test_06_nothing_is_published(python_shared: Target) -> None:
    """A service in the sandbox is not to be reached from this machine, on any port."""
    port, name = 8000 + secrets.randbelow(900), f"gptoss-{secrets.token_hex(8)}"
    await python_shared.out(LISTEN.format(port=port, name=name))
    inside = listening_ports(python_shared.outside.init)
    assert {port, 9001, 9002, 9003, 9004, 9005} <= inside
    with canary() as own:
        for host in own.addresses():
            for number in (port, 9001):
                assert not await asyncio.to_thread(reachable, (host, number)) or number in listening_ports(
                    os.getpid()
                )
    assert not reachable_unix(f"\0{name}")
    if python_shared.runtime == "docker":
        facts = await asyncio.to_thread(Daemon().container, str(python_shared.provisioner.kernel_id))
        assert not any(published(facts))
    assert await python_shared.out(VISITORS) == "0"


async def test_39_abstract_sockets_of_the_host(python_shared: Target) -> None:
    """A service that listens on an abstract unix name, as D-Bus and X do, is out of reach."""
    with canary() as listening:
        code = (
            "import socket\n"
            f"for kind, name in ((1, {listening.name + '1'!r}), (2, {listening.name + '2'!r}), (1, '\\0/tmp/.X11-unix/X0')):\n"
            "    try: out = socket.socket(socket.AF_UNIX, kind); out.connect(name); out.send(b'x'); print('REACHED')\n"
            "    except OSError: pass\n"
            "print('tried', open('/proc/net/unix').read().count('gptoss-canary'))"
        )
        assert await python_shared.out(code) == "tried 0"
        assert listening.visits() == 0


async def test_39_sockets_of_the_host_in_the_file_system(python_place: Place, tmp_path: Path) -> None:
    """No socket file of this machine is inside: not Docker's, not D-Bus's, not ours."""
    async with target(*python_place) as made:
        roots = {
            point.root for point in made.outside.mounts() if point.kind not in {"proc", "tmpfs", "sysfs"}
        }
        code = (
            "import os, stat\n"
            "found = []\n"
            "for folder, _, names in os.walk('/'):\n"
            "    if folder.startswith('/proc'): continue\n"
            "    for name in names:\n"
            "        try:\n"
            "            if stat.S_ISSOCK(os.lstat(os.path.join(folder, name)).st_mode): found.append(folder + name)\n"
            "        except OSError: pass\n"
            "print(found)"
        )
        assert await made.out(code, 120) == "[]"
        assert not any(str(tmp_path).startswith(root) and root != "/" for root in roots)


def listening_ports(pid: int) -> set[int]:
    """Return the TCP ports that something listens on in a process's network."""
    ports = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def reachable(address: tuple[str, int]) -> bool:
    """Say whether a connection from this machine is accepted."""
    try:
        socket.create_connection(address, 2).close()
    except OSError:
        return False
    return True


def reachable_unix(name: str) -> bool:
    """Say whether a connection to a unix name is accepted."""
    with socket.socket(socket.AF_UNIX) as out:
        return out.connect_ex(name) == 0


def published(facts: dict[str, Any]) -> list[Any]:
    """Return what a container publishes in any way."""
    host, network = facts["HostConfig"], facts["NetworkSettings"]
    addresses = [place.get("IPAddress") for place in (network.get("Networks") or {}).values()]
    return [
        host.get("PortBindings"),
        host.get("PublishAllPorts"),
        network.get("Ports"),
        host.get("Links"),
        *addresses,
    ]
