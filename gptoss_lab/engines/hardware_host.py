"""The machine itself: its processor, its memory and its disk, as far as this process may use them."""

from __future__ import annotations

import math
import os
import platform
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psutil

FEATURES = {
    "avx2": "avx2",
    "avx512f": "avx512f",
    "avx512_bf16": "avx512_bf16",
    "avx512_vnni": "avx512_vnni",
    "amx_tile": "amx_tile",
    "amx_int8": "amx_int8",
    "amx_bf16": "amx_bf16",
    "asimd": "neon",
    "sve": "sve",
    "bf16": "bf16",
}
READ_BYTES = 1 << 16
NO_LIMIT = 1 << 60


@dataclass(frozen=True, slots=True)
class Host:
    """What a process may use here; 0 and "" where it is not known."""

    cpu: str = ""
    features: tuple[str, ...] = ()
    cores: int = 1
    memory_bytes: int = 0
    available_bytes: int = 0


def read_host(root: Path = Path("/")) -> Host:
    """Look at the machine. Blocks; `root` holds proc and sys."""
    name, features = read_cpu(_text(root / "proc/cpuinfo"))
    machine = psutil.virtual_memory()
    total, available = machine.total, machine.available
    for group in groups(root):
        limit, used = memory_of(group)
        total, available = min(total, limit), min(available, max(0, limit - used))
    return Host(name or platform.processor()[:80], features, cores_of(root), total, available)


def read_cpu(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of the processor and those of its features that matter to an engine."""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    words = set(flags[1].split()) if flags else set()
    return (name[1].strip()[:80] if name else ""), tuple(
        ours for its, ours in FEATURES.items() if its in words
    )


def cores_of(root: Path) -> int:
    """Return how many cores this process may keep busy: its affinity, and the quota of its groups."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    for group in groups(root):
        count = min(count, quota_of(group))
    return max(1, math.ceil(count))


def groups(root: Path) -> Iterator[Path]:
    """Yield the folders of the control groups that this process is in, with those above them.

    In a container the path may be that of the host, of which only the end, or nothing, is to be seen.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        names = controllers.split(",")
        if controllers and not {"memory", "cpu"} & set(names):
            continue
        base = root / "sys/fs/cgroup" / controllers
        place = PurePosixPath("/", path)
        for part in (place, *place.parents):
            folder = base / str(part).lstrip("/")
            if ".." not in part.parts and folder.is_dir():
                yield folder


def memory_of(group: Path) -> tuple[int, int]:
    """Return a group's limit and what is used of it, without the cache that the kernel gives back."""
    limit = _number(group / "memory.max") or _number(group / "memory.limit_in_bytes") or NO_LIMIT
    used = _number(group / "memory.current") or _number(group / "memory.usage_in_bytes") or 0
    cache = re.search(r"^(?:total_)?inactive_file (\d+)$", _text(group / "memory.stat"), re.MULTILINE)
    return limit, max(0, used - (int(cache[1]) if cache else 0))


def quota_of(group: Path) -> float:
    """Return how many cores' worth of time a group may use; infinite without a quota."""
    words = _text(group / "cpu.max").split()
    if not words:
        words = [_text(group / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")]
    if len(words) == 2 and all(word.isdecimal() for word in words) and int(words[1]):  # noqa: PLR2004 - quota and period
        return int(words[0]) / int(words[1])
    return math.inf


def free_disk(place: Path) -> int:
    """Return what may be written where a folder is, or will be. Blocks."""
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    return shutil.disk_usage(there).free


def _number(file: Path) -> int | None:
    text = _text(file).strip()
    return int(text) if text.isascii() and text.isdecimal() else None


def _text(file: Path) -> str:
    """Return the beginning of a file of the kernel; empty where there is none."""
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return opened.read(READ_BYTES)
    except OSError:
        return ""
