"""A control group for one bubblewrap sandbox, where this user may make one.

Version 1 has a folder per controller, version 2 one folder for all. What cannot be limited here
is left to the watchdog and the resource limits.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.sandbox.cgroup import throttled_s
from gptoss_lab.schemas.execution import Limits

PREFIX = "gptoss-"
CPU_PERIOD_US = 100_000
REMOVE_TIMEOUT_S = 2.0

# Enters every group named by the arguments, then becomes the command: nothing runs outside.
ENTER = (
    'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1/cgroup.procs" || exit 97; shift; n=$((n-1)); done; '
    'exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Mount:
    """Where one hierarchy is mounted and where in it this process is. `controllers` is empty for v2."""

    controllers: frozenset[str]
    folder: Path

    @property
    def unified(self) -> bool:
        """Say whether this is the version 2 hierarchy."""
        return not self.controllers


class Cgroup:
    """The groups that hold one sandbox. An empty one limits nothing."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)

    @property
    def controllers(self) -> frozenset[str]:
        """Return what is limited: any of memory, pids and cpu."""
        return frozenset(self._folders)

    def command(self, argv: list[str]) -> list[str]:
        """Return a command that runs `argv` inside the groups."""
        folders = [str(folder) for folder in sorted(set(self._folders.values()))]
        if not folders:
            return argv
        return ["/bin/sh", "-c", ENTER, "sh", str(len(folders)), *folders, *argv]

    def oom_kills(self) -> int:
        """Count the processes that the kernel killed for want of memory."""
        folder = self._folders.get("memory")
        if folder is None:
            return 0
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError, ValueError):
                for line in (folder / name).read_text().splitlines():
                    key, _, value = line.partition(" ")
                    if key == "oom_kill":
                        return int(value)
        return 0

    def throttled_s(self) -> float | None:
        """Return how long the sandbox was held back at its processor limit."""
        folder = self._folders.get("cpu")
        if folder is None:
            return None
        return throttled_s(folder, is_v2=(folder / "cgroup.controllers").exists())

    def remove(self) -> None:
        """Remove the groups; they must be empty. Blocks for up to two seconds."""
        deadline = time.monotonic() + REMOVE_TIMEOUT_S
        for folder in set(self._folders.values()):
            while folder.exists() and not _removed(folder) and time.monotonic() < deadline:
                time.sleep(0.01)
        self._folders = {}


def make_cgroup(sandbox_id: str, limits: Limits) -> Cgroup:
    """Make the groups that this user may make, limited; an empty one where there are none."""
    name = f"{PREFIX}{os.getpid()}-{sandbox_id}"
    made: dict[str, Path] = {}
    for mount in find_mounts():
        settings = _settings_v2(limits) if mount.unified else _settings_v1(limits)
        for controller, apply in settings.items():
            if controller in made or not (mount.unified or controller in mount.controllers):
                continue
            for parent in _parents(mount):
                if _make(parent / name, apply):
                    made[controller] = parent / name
                    break
    return Cgroup(made)


def reap_cgroups() -> int:
    """Remove the empty groups that dead servers left; return how many sandboxes that was."""
    removed: set[str] = set()
    for mount in find_mounts():
        for parent in _parents(mount):
            for folder in parent.glob(f"{PREFIX}*-*"):
                owner = folder.name.removeprefix(PREFIX).partition("-")[0]
                if owner.isdigit() and not Path(f"/proc/{owner}").exists() and _removed(folder):
                    removed.add(folder.name)
    return len(removed)


def find_mounts(proc: Path = Path("/proc/self")) -> list[Mount]:
    """List the cgroup hierarchies that are mounted, with this process's place in each."""
    try:
        places = dict(_places((proc / "cgroup").read_text()))
        lines = (proc / "mountinfo").read_text().splitlines()
    except OSError:
        return []
    return [mount for line in lines if (mount := _mount(line, places)) is not None]


def _places(text: str) -> Iterator[tuple[frozenset[str], str]]:
    for line in text.splitlines():
        _, controllers, place = line.split(":", 2)
        yield frozenset(filter(None, controllers.split(","))), place


def _mount(line: str, places: Mapping[frozenset[str], str]) -> Mount | None:
    # Source: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    left, _, right = line.partition(" - ")
    fields, kind = left.split(), right.split()
    root, point, options = fields[3], Path(fields[4]), frozenset(kind[2].split(","))
    for controllers, place in places.items():
        fits = kind[0] == "cgroup2" if not controllers else kind[0] == "cgroup" and controllers <= options
        if fits:
            inner = place.removeprefix(root.rstrip("/")) if place.startswith(root) else "/"
            return Mount(controllers, point / inner.lstrip("/"))
    return None


def _parents(mount: Mount) -> list[Path]:
    """Return where a group may be made: below ours, or in version 2 beside it when that is delegated.

    A version 2 group with processes cannot have children with controllers.
    Source: https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint
    """
    if not mount.unified:
        return [mount.folder]
    try:
        capped = (mount.folder / "memory.max").read_text().strip() != "max"
    except OSError:
        capped = False
    return [mount.folder] if capped else [mount.folder, mount.folder.parent]


Apply = Callable[[Path], None]


def _settings_v1(limits: Limits) -> dict[str, Apply]:
    return {
        "memory": lambda folder: _limit_memory_v1(folder, limits.memory_bytes),
        "pids": lambda folder: _write(folder / "pids.max", limits.pids),
        "cpu": lambda folder: _limit_cpu_v1(folder, limits.cpus),
    }


def _settings_v2(limits: Limits) -> dict[str, Apply]:
    quota = f"{int(limits.cpus * CPU_PERIOD_US)} {CPU_PERIOD_US}"
    return {
        "memory": lambda folder: _limit_memory_v2(folder, limits.memory_bytes),
        "pids": lambda folder: _write(folder / "pids.max", limits.pids),
        "cpu": lambda folder: _write(folder / "cpu.max", quota),
    }


def _limit_memory_v1(folder: Path, size: int) -> None:
    _write(folder / "memory.limit_in_bytes", size)
    if (folder / "memory.memsw.limit_in_bytes").exists():
        _write(folder / "memory.memsw.limit_in_bytes", size)


def _limit_memory_v2(folder: Path, size: int) -> None:
    _write(folder / "memory.max", size)
    if (folder / "memory.swap.max").exists():
        _write(folder / "memory.swap.max", 0)


def _limit_cpu_v1(folder: Path, cpus: float) -> None:
    _write(folder / "cpu.cfs_period_us", CPU_PERIOD_US)
    _write(folder / "cpu.cfs_quota_us", int(cpus * CPU_PERIOD_US))


def _write(file: Path, value: int | str) -> None:
    """Write a control file that must exist already."""
    with file.open("r+", encoding="ascii") as control:
        control.write(f"{value}\n")


def _make(folder: Path, apply: Apply) -> bool:
    fresh = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
        apply(folder)
        if not os.access(folder / "cgroup.procs", os.W_OK) or not _may_enter(folder):
            raise PermissionError(folder)
    except OSError:
        if fresh:
            _removed(folder)
        return False
    return True


def _may_enter(folder: Path) -> bool:
    """Version 2 moves a process only where the common ancestor is writable too."""
    common = folder.parent / "cgroup.procs"
    return not (folder.parent / "cgroup.controllers").exists() or os.access(common, os.W_OK)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
