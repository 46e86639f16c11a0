"""How much memory the machine has left for us, the limits of a container included."""

from __future__ import annotations

from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def available_bytes(proc: Path = Path("/proc"), cgroup: Path = _CGROUP) -> int | None:
    """Return what can be allocated; None where the system does not say.

    Args:
        proc: Where the kernel tells of memory.
        cgroup: Where the limits of our control group stand.
    """
    rooms = [room for room in (_machine(proc / "meminfo"), _group(cgroup)) if room is not None]
    return min(rooms, default=None)


def resident_bytes(proc: Path = Path("/proc")) -> int:
    """Return what this process holds in memory; 0 where the system does not say."""
    try:
        rows = (proc / "self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) << 10 for row in rows if row.startswith("VmRSS:")), 0)


def _machine(meminfo: Path) -> int | None:
    try:
        rows = meminfo.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(row.split()[1]) << 10 for row in rows if row.startswith("MemAvailable:")), None)


def _group(cgroup: Path) -> int | None:
    try:
        most, used = ((cgroup / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        return max(0, int(most) - int(used)) if most != "max" else None
    except (OSError, ValueError):
        return None
