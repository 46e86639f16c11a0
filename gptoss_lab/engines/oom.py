"""Whether the system killed something for want of memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

_VMSTAT = Path("/proc/vmstat")


class OomCount:
    """Compares the system's count of such kills, the only trace that one of a child's child leaves.

    Args:
        path: Where Linux tells it.
    """

    def __init__(self, path: Path = _VMSTAT) -> None:
        self._path = path
        self._last: int | None = None

    async def grown(self) -> bool:
        """Say whether it has grown since the last time; False where it is not told."""
        last, self._last = self._last, await asyncio.to_thread(self._read)
        return last is not None and self._last is not None and self._last > last

    def _read(self) -> int | None:
        try:
            words = self._path.read_text("ascii").split()
            return int(words[words.index("oom_kill") + 1])
        except (OSError, ValueError, IndexError):
            return None
