"""Read what a control group uses, where its files can be seen from here.

Source: https://docs.kernel.org/admin-guide/cgroup-v2.html
Source: https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.sandbox.runtime import ResourceUsage

ROOT = Path("/sys/fs/cgroup")
NANOSECONDS = 1e9
MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class CgroupFiles:
    """The folders of one control group, version 1 or 2: in version 2 they are one and the same."""

    memory: Path
    pids: Path
    cpu: Path
    quota: Path
    is_v2: bool

    def read(self) -> ResourceUsage | None:
        """Return the figures, or None once the group is gone.

        Memory is without the bytes of files that the kernel would drop at once if it were needed.
        """
        used = _number(self.memory / ("memory.current" if self.is_v2 else "memory.usage_in_bytes"))
        if used is None:
            return None
        dropped = _table(self.memory / "memory.stat").get(
            "inactive_file" if self.is_v2 else "total_inactive_file", 0
        )
        kills = _table(self.memory / ("memory.events" if self.is_v2 else "memory.oom_control"))
        return ResourceUsage(
            memory_bytes=max(0, used - dropped),
            peak_memory_bytes=_number(
                self.memory / ("memory.peak" if self.is_v2 else "memory.max_usage_in_bytes")
            ),
            cpu_s=self._cpu_s(),
            pids=_number(self.pids / "pids.current"),
            throttled_s=throttled_s(self.quota, is_v2=self.is_v2),
            oom_kills=kills.get("oom_kill"),
        )

    def _cpu_s(self) -> float | None:
        if self.is_v2:
            used, unit = _table(self.cpu / "cpu.stat").get("usage_usec"), MICROSECONDS
        else:
            used, unit = _number(self.cpu / "cpuacct.usage"), NANOSECONDS
        return None if used is None else used / unit


def throttled_s(folder: Path, *, is_v2: bool) -> float | None:
    """Return how long a group was held back at its processor limit, where that is told."""
    key, unit = ("throttled_usec", MICROSECONDS) if is_v2 else ("throttled_time", NANOSECONDS)
    held = _table(folder / "cpu.stat").get(key)
    return None if held is None else held / unit


def find_cgroup(
    pid: int, container_id: str, *, root: Path = ROOT, proc: Path = Path("/proc")
) -> CgroupFiles | None:
    """Return the control group of a container's process, if it is one of this machine's.

    The container's id in the group's path proves that the daemon's process is ours to see: with a
    daemon elsewhere the same number is another process.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return None
    groups: dict[str, str] = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if container_id in path and ".." not in path:
            groups |= {name: path.lstrip("/") for name in controllers.split(",")}
    if "memory" in groups:
        return _version_1(root, groups)
    if "" in groups and (root / groups[""] / "memory.current").exists():
        group = root / groups[""]
        return CgroupFiles(group, group, group, group, is_v2=True)
    return None


def _version_1(root: Path, groups: dict[str, str]) -> CgroupFiles | None:
    memory = root / "memory" / groups["memory"]
    if not (memory / "memory.usage_in_bytes").exists():
        return None
    pids, cpu, quota = (root / name / groups.get(name, "") for name in ("pids", "cpuacct", "cpu"))
    return CgroupFiles(memory, pids, cpu, quota, is_v2=False)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _table(path: Path) -> dict[str, int]:
    """Read lines of a name and a number; what is none is left out."""
    try:
        rows = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}  # noqa: PLR2004
