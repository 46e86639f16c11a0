"""Attacks with files: filling, writing where one may not, reading what is not one's own."""

# ruff: noqa: E501, ASYNC240 - programs for the inside stand here as they are; /proc answers at once

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path

import pytest

from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.target import Target
from tests.sandbox.conformance import LIMITS

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

WRITABLE = ("/sandbox", "/tmp", "/dev/shm")  # noqa: S108 - of the sandbox
# What the kernel mounts for itself; a file system on the disk is never among what can be written.
DEVICES = frozenset(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty"))
VIRTUAL = frozenset({"tmpfs", "proc", "mqueue", "devpts", "sysfs", "cgroup", "cgroup2"})
FILL = """
import os
def fill(place):
    number = 0
    while number < 64:
        try:
            with open(f'{place}/fill-{number}', 'wb', buffering=0) as file:
                while file.tell() < (32 << 20): file.write(bytes(1 << 20))
        except OSError: return
        number += 1
for place in PLACES:
    fill(place)
    try: os.posix_fallocate(os.open(f'{place}/big', os.O_CREAT | os.O_WRONLY), 0, 1 << 40); print('ALLOCATED')
    except OSError: pass
print('filled')
"""
EMPTY = """
import os
for place in PLACES:
    for name in os.listdir(place):
        if name.startswith(('fill-', 'big', 'n-')): os.unlink(f'{place}/{name}')
"""
WRITE_ANYWHERE = """
import os
won = []
for folder, folders, names in os.walk('/'):
    if folder.startswith(('/proc', '/sandbox', '/tmp', '/dev/shm', '/dev/mqueue')): folders.clear(); continue
    try:
        fd = os.open(folder + '/gptoss-was-here', os.O_CREAT | os.O_WRONLY); won.append(folder)
    except OSError: pass
    for name in names[:40]:
        path = os.path.join(folder, name)
        if not os.path.isfile(path): continue
        for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC):
            try: os.close(os.open(path, flags)); won.append(path)
            except OSError: pass
        for change in (lambda: os.chmod(path, 0o777), lambda: os.unlink(path), lambda: os.rename(path, path + '~'),
                       lambda: os.utime(path), lambda: os.link(path, '/sandbox/hard')):
            try: change(); won.append(path)
            except OSError: pass
print(won[:5])
"""
THROUGH_DESCRIPTORS = """
import ctypes, os
won = []
for path in (os.__file__, '/usr/bin/env', '/etc/passwd', '/bin/sh', '/proc/self/exe'):
    fd = os.open(path, os.O_RDONLY)
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_APPEND):
        try: os.open(f'/proc/self/fd/{fd}', flags); won.append(path)
        except OSError: pass
        try: os.open(f'/dev/fd/{fd}', flags); won.append(path)
        except OSError: pass
    try: os.fchmod(fd, 0o777); won.append(path)
    except OSError: pass
    try: os.ftruncate(fd, 0); won.append(path)
    except OSError: pass
for pid in filter(str.isdigit, os.listdir('/proc')):
    for name in ('cwd', 'root', 'exe'):
        for tail in ('', '/../../../../etc/x', '/etc/x'):
            try: os.close(os.open(f'/proc/{pid}/{name}{tail}', os.O_WRONLY | (os.O_CREAT if tail else 0))); won.append(name + tail)
            except OSError: pass
print(won)
"""
LOOK = """
import os
seen = set()
for folder, folders, names in os.walk('/'):
    if folder in ('/proc', '/sys'): folders.clear(); continue
    if any('MARK' in name for name in (*names, *folders)): seen.add(folder)
for pid in filter(str.isdigit, os.listdir('/proc')):
    for way in (f'/proc/{pid}/root', f'/proc/{pid}/cwd', f'/proc/{pid}/root/..', f'/proc/{pid}/map_files', f'/proc/{pid}/fd'):
        try:
            if os.path.exists(way + 'CANARY'): seen.add(way)
            for name in os.listdir(way):
                if os.path.isdir(f'{way}/{name}') and os.path.exists(f'{way}/{name}/CANARY'): seen.add(name)
        except OSError: pass
for path in ('CANARY', '/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'):
    try: os.stat(path); seen.add(path)
    except OSError: pass
print(seen)
"""


async def test_03_the_disk_is_filled(python_shared: Target) -> None:
    """Each writable folder is full at its limit, and nothing of it is on this machine's disk."""
    outside = python_shared.outside
    for place in WRITABLE:
        assert await python_shared.out(FILL.replace("PLACES", repr([place])), 120) == "filled"
        assert outside.used_bytes(place) <= LIMITS.disk_bytes
        if python_shared.runtime == "docker":
            facts = await asyncio.to_thread(Daemon().container, str(python_shared.provisioner.kernel_id))
            assert await asyncio.to_thread(Daemon().written_bytes, facts["Id"]) == 0
        await python_shared.out(EMPTY.replace("PLACES", repr([place])))
    await python_shared.lives()


async def test_04_nothing_outside_can_be_written(python_shared: Target) -> None:
    """Every folder and many a file is tried; what can be written is memory alone."""
    assert await python_shared.out(WRITE_ANYWHERE, 240) == "[]"
    writable = {point.place: point for point in python_shared.outside.mounts() if "ro" not in point.options}
    assert {point.kind for place, point in writable.items() if place not in DEVICES} <= VIRTUAL
    bounded = {place for place, point in writable.items() if point.kind == "tmpfs"}
    for place in bounded - {"/dev", "/"}:
        assert python_shared.outside.used_bytes(place) <= LIMITS.disk_bytes
    assert not list(Path("/").glob("gptoss-was-here"))


async def test_43_writes_through_descriptors(python_shared: Target) -> None:
    """A descriptor for reading does not become one for writing, and none of the server's is inside."""
    assert await python_shared.out(THROUGH_DESCRIPTORS) == "[]"
    for pid, files in python_shared.outside.open_files().items():
        assert not [file for file in files if "gptoss_lab" in file or ".lease" in file or "memfd:" in file], (
            pid
        )
    await python_shared.lives()


async def test_10_nothing_of_this_machine_is_seen(python_shared: Target, tmp_path: Path) -> None:
    """A canary that everybody may read is not found in any way; nor is a socket or a home folder."""
    mark = f"canary-{secrets.token_hex(8)}"
    for folder in (tmp_path, Path.home(), Path("/var/tmp"), Path("/srv"), Path("/opt")):  # noqa: S108
        (folder / mark).write_text("hush")
        (folder / mark).chmod(0o644)
    try:
        code = LOOK.replace("MARK", mark).replace("CANARY", str(tmp_path / mark))
        assert await python_shared.out(code, 240) == "set()"
    finally:
        for folder in (Path.home(), Path("/var/tmp"), Path("/srv"), Path("/opt")):  # noqa: S108
            (folder / mark).unlink()


async def test_10_what_is_mounted(python_shared: Target) -> None:
    """A container has no folder of this machine; bubblewrap's are the system and the environment, read-only."""
    points = python_shared.outside.mounts()
    if python_shared.runtime == "docker":
        facts = await asyncio.to_thread(Daemon().container, str(python_shared.provisioner.kernel_id))
        assert (facts["Mounts"], facts["HostConfig"]["Binds"] or []) == ([], [])
        assert facts["HostConfig"]["Privileged"] is False
        assert facts["HostConfig"]["CapDrop"] == ["ALL"]
        assert not facts["HostConfig"]["CapAdd"]
        assert facts["HostConfig"]["PidMode"] == ""
        assert "/sandbox" not in {point.place for point in points if point.kind not in VIRTUAL}
    else:
        disk = {point.place for point in points if point.kind not in VIRTUAL and point.place != "/"}
        allowed = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/", "/opt/python", "/opt/env", "/dev/")
        assert [place for place in disk if not place.startswith(allowed)] == []
        assert all(
            "ro" in point.options
            for point in points
            if point.place in disk and not point.place.startswith("/dev/")
        )
    hidden = (str(Path.home()), os.environ.get("GPTOSS_LAB_DATA_DIR", "/none"), "docker.sock", "gptoss_lab-")
    assert [point for point in points if point.place.startswith(hidden[:2]) or hidden[2] in point.root] == []
