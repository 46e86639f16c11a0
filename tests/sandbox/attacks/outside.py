"""What this machine sees of one sandbox: its processes, its control groups, its mounts."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "uts")


@dataclass(frozen=True, slots=True)
class MountPoint:
    """One mount of a sandbox. `root` is the folder of the file system that is mounted at `place`."""

    root: str
    place: str
    kind: str
    options: frozenset[str]


class Outside:
    """One sandbox, found by the init of its process namespace.

    Args:
        init: The init, as this machine numbers it.
    """

    def __init__(self, init: int) -> None:
        self.init = init
        self._namespace = namespace(init, "pid")
        assert self._namespace
        assert self._namespace != namespace(os.getpid(), "pid")
        self._groups = {name: _group(init, name) for name in ("memory", "pids", "cpu")}

    def pids(self) -> list[int]:
        """Return its processes, those too that another program put into it."""
        return [pid for pid in _numbers() if namespace(pid, "pid") == self._namespace]

    @property
    def gone(self) -> bool:
        """Whether no process of it is left."""
        return not self.pids()

    def tasks(self) -> int:
        """Count its processes and threads."""
        return sum(len(_names(Path(f"/proc/{pid}/task"))) for pid in self.pids())

    def fields(self, name: str) -> dict[int, str]:
        """Return a field of `/proc/PID/status` for each of its processes."""
        found = {pid: status(pid).get(name) for pid in self.pids()}
        return {pid: value for pid, value in found.items() if value is not None}

    def namespaces(self, kind: str) -> set[str]:
        """Return the namespaces of a kind that its processes are in."""
        return {found for pid in self.pids() if (found := namespace(pid, kind))}

    def open_files(self) -> dict[int, list[str]]:
        """Return what the descriptors of each process lead to."""
        return {pid: list(_links(Path(f"/proc/{pid}/fd"))) for pid in self.pids()}

    def mounts(self) -> list[MountPoint]:
        """Return its mounts."""
        text = Path(f"/proc/{self.init}/mountinfo").read_text()
        return [_mount(line) for line in text.splitlines()]

    def path(self, place: str) -> Path:
        """Return where this machine sees a place of the sandbox. Do not follow links in it."""
        return Path(f"/proc/{self.init}/root") / place.lstrip("/")

    def used_bytes(self, place: str) -> int:
        """Return how much is stored in the file system at a place."""
        state = os.statvfs(self.path(place))
        return (state.f_blocks - state.f_bfree) * state.f_frsize

    def used_files(self, place: str) -> int:
        """Return how many files the file system at a place holds."""
        state = os.statvfs(self.path(place))
        return state.f_files - state.f_ffree

    def group(self, controller: str) -> Path | None:
        """Return its control group; None where it has none of its own."""
        return self._groups[controller]

    def figure(self, controller: str, *names: str) -> int | None:
        """Return a figure of its control group by its version 1 or version 2 name."""
        group = self.group(controller)
        for name in names:
            with contextlib.suppress(OSError, ValueError):
                if group is not None:
                    return int((group / name).read_text())
        return None

    def count(self, controller: str, file: str, key: str) -> int:
        """Return a figure from a control file of many lines; 0 where there is none."""
        group = self.group(controller)
        with contextlib.suppress(OSError):
            for line in (group / file).read_text().splitlines() if group is not None else []:
                name, _, value = line.partition(" ")
                if name == key:
                    return int(value)
        return 0

    def peak_memory_bytes(self) -> int | None:
        """Return the most memory that its control group ever held."""
        return self.figure("memory", "memory.max_usage_in_bytes", "memory.peak")

    def special_files(self, place: str) -> list[str]:
        """Return what below a place is neither a file, a folder, a link, a pipe nor a socket."""
        found = []
        for folder, _, names in os.walk(self.path(place)):
            for name in names:
                with contextlib.suppress(OSError):
                    mode = os.lstat(os.path.join(folder, name)).st_mode  # noqa: PTH118 - a hot loop
                    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                        found.append(name)
        return found


def namespace(pid: int, kind: str) -> str:
    """Return the namespace that a process is in; empty once it has ended."""
    try:
        return str(Path(f"/proc/{pid}/ns/{kind}").readlink())
    except OSError:
        return ""


def status(pid: int) -> dict[str, str]:
    """Return `/proc/PID/status`; empty once the process has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    rows = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in rows}


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def stat_fields(pid: int) -> list[str]:
    """Return the fields of `/proc/PID/stat` after the name, the state first; empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _numbers() -> Iterator[int]:
    return (int(name) for name in _names(Path("/proc")) if name.isdigit())


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - a hot loop
    except OSError:
        return []


def _links(folder: Path) -> Iterator[str]:
    for name in _names(folder):
        with contextlib.suppress(OSError):
            yield os.readlink(folder / name)  # noqa: PTH115 - as a text


def _mount(line: str) -> MountPoint:
    # Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    left, _, right = line.partition(" - ")
    fields, kind = left.split(), right.split()
    return MountPoint(fields[3], fields[4], kind[0], frozenset([*fields[5].split(","), *kind[2].split(",")]))


def _group(pid: int, controller: str) -> Path | None:
    """Return the group of a process if it is another than this process's own."""
    own, theirs = _place(os.getpid(), controller), _place(pid, controller)
    return theirs if theirs != own and theirs is not None and theirs.is_dir() else None


def _place(pid: int, controller: str) -> Path | None:
    unified = None
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return _below(CGROUPS / controller, path) or _below(CGROUPS / controllers, path)
        if not controllers:
            unified = _below(CGROUPS, path)
    return unified


def _below(root: Path, path: str) -> Path | None:
    folder = root / path.lstrip("/")
    return folder if folder.is_dir() else None
