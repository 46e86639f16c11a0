"""What the machine has and what this server takes of it: looked at when someone asks, never on the loop."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil

from gptoss_lab.engines.hardware_host import read_host
from gptoss_lab.engines.hardware_use import read_gpu_use
from gptoss_lab.engines.probe import look
from gptoss_lab.schemas.monitor import GpuUse, Resources

FRESH_S = 4.0
GPUS_FRESH_S = 10.0
"""A driver's own program takes a good part of a second to answer."""
LOOK_WITHIN_S = 5.0
SHORT_S = 0.1
RECENT_S = 30.0

Gpus = Callable[[], Awaitable[Sequence[GpuUse]]]


class ResourceWatch:
    """Keeps the last look for a few seconds; those who ask meanwhile share it.

    Args:
        folder: Our data folder, whose disk counts.
        lag: How late the event loop was at worst.
        gpus: Asks the accelerators.
    """

    def __init__(self, folder: Path, lag: Callable[[], float], gpus: Gpus = read_gpu_use) -> None:
        self._folder = folder
        self._lag = lag
        self._gpus = gpus
        self._last: Resources | None = None
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._cpu = _Processor()
        self._busy: tuple[GpuUse, ...] = ()
        self._gpus_at = float("-inf")

    async def now(self) -> Resources:
        """Return a look that is a few seconds old at most, where the machine answers."""
        if self._is_old():
            await asyncio.shield(self._begin())
        return self.last()

    def last(self) -> Resources:
        """Return the last look at once, and have a newer one made where it is old."""
        if self._is_old():
            self._begin()
        found = self._last or _nothing()
        return found.model_copy(update={"loop_lag_s": self._lag()})

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None and not self._looking.done():
            self._looking.cancel()
            await asyncio.wait({self._looking})

    def _is_old(self) -> bool:
        return time.monotonic() - self._looked_at > FRESH_S

    def _begin(self) -> asyncio.Task[None]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look(), name="resources")
        return self._looking

    async def _look(self) -> None:
        host, gpus = await asyncio.gather(look(self._host, timeout_s=LOOK_WITHIN_S), self._ask_gpus())
        found = host or self._last or _nothing()
        self._last = found.model_copy(update={"gpus": gpus})
        self._looked_at = time.monotonic()

    async def _ask_gpus(self) -> tuple[GpuUse, ...]:
        if time.monotonic() - self._gpus_at > GPUS_FRESH_S:
            self._busy = tuple(await self._gpus())
            self._gpus_at = time.monotonic()
        return self._busy

    def _host(self) -> Resources:
        """Look at the machine. Blocks."""
        host = read_host()
        disk = shutil.disk_usage(self._folder)
        return Resources(
            cpu_percent=self._cpu.percent(),
            cpu_count=host.cores,
            memory_used_bytes=max(0, host.memory_bytes - host.available_bytes),
            memory_bytes=host.memory_bytes,
            server_bytes=psutil.Process().memory_info().rss,
            disk_free_bytes=disk.free,
            disk_bytes=disk.total,
        )


class _Processor:
    """How busy all cores were since the last look, or for a moment where that was long ago."""

    def __init__(self) -> None:
        self._at = float("-inf")

    def percent(self) -> float:
        if time.monotonic() - self._at > RECENT_S:
            psutil.cpu_percent(None)
            time.sleep(SHORT_S)
        self._at = time.monotonic()
        return min(100.0, max(0.0, psutil.cpu_percent(None)))


def _nothing() -> Resources:
    return Resources(
        cpu_percent=0.0,
        cpu_count=0,
        memory_used_bytes=0,
        memory_bytes=0,
        server_bytes=0,
        disk_free_bytes=0,
        disk_bytes=0,
    )
