"""Read what a control group uses, where its files can be seen from here.

Source: https://docs.kernel.org/admin-guide/cgroup-v2.html
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
    """The files of one control group, version 1 or 2."""

    memory: Path
    peak: Path
    pids: Path
    cpu: Path
    is_v2: bool

    def read(self) -> ResourceUsage | None:
        """Return the figures, or None once the group is gone."""
        memory = _number(self.memory)
        if memory is None:
            return None
        return ResourceUsage(
            memory_bytes=memory,
            peak_memory_bytes=_number(self.peak),
            cpu_s=self._cpu_s(),
            pids=_number(self.pids),
        )

    def _cpu_s(self) -> float | None:
        if not self.is_v2:
            used = _number(self.cpu)
            return None if used is None else used / NANOSECONDS
        try:
            rows = dict(line.split() for line in self.cpu.read_text().splitlines())
            return int(rows["usage_usec"]) / MICROSECONDS
        except (OSError, KeyError, ValueError):
            return None


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
        memory, peak, pids = group / "memory.current", group / "memory.peak", group / "pids.current"
        return CgroupFiles(memory, peak, pids, group / "cpu.stat", is_v2=True)
    return None


def _version_1(root: Path, groups: dict[str, str]) -> CgroupFiles | None:
    memory = root / "memory" / groups["memory"]
    if not (memory / "memory.usage_in_bytes").exists():
        return None
    return CgroupFiles(
        memory / "memory.usage_in_bytes",
        memory / "memory.max_usage_in_bytes",
        root / "pids" / groups.get("pids", "") / "pids.current",
        root / "cpuacct" / groups.get("cpuacct", "") / "cpuacct.usage",
        is_v2=False,
    )


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
