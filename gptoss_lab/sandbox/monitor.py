"""Watch one sandbox: measure it once a second, and end it when its time is over."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.registry import SandboxRecord
from gptoss_lab.sandbox.runtime import ResourceUsage
from gptoss_lab.schemas.sandboxes import SandboxUsage

LOG = logging.getLogger(__name__)

SAMPLE_EVERY_S = 1.0
SHORTEST_PAUSE_S = 0.05
MINUTE_S, HOUR_S = 60, 3600

Measure = Callable[[], Awaitable[ResourceUsage]]
End = Callable[[str], None]


class Monitor:
    """Keeps a record's figures fresh while its sandbox runs.

    Args:
        record: Where the figures go, and what tells how the sandbox is used.
        measure: Asks the sandbox what it uses.
        end: Called once with the reason when the sandbox has been idle or alive for too long.
    """

    def __init__(self, record: SandboxRecord, measure: Measure, end: End) -> None:
        self._record = record
        self._measure = measure
        self._end = end
        self._sampled_at: float | None = None
        self._task = asyncio.create_task(self._run(), name=f"monitor-{record.id}")

    async def close(self) -> None:
        """Stop watching. Idempotent."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def sample(self) -> None:
        """Measure now."""
        measured = await self._measure()
        now = time.monotonic()
        self._record.usage = usage_of(measured, self._percent(measured, now))
        self._sampled_at = now

    async def _run(self) -> None:
        while True:
            try:
                await self.sample()
            except (SandboxError, OSError) as error:
                # The figures stay as they were; that the sandbox has ended is seen elsewhere.
                LOG.debug("sandbox %s cannot be measured: %s", self._record.id, error)
            reason = overdue(self._record)
            if reason:
                self._end(reason)
                return
            left_s = self._record.expires_in_s()
            await asyncio.sleep(min(SAMPLE_EVERY_S, max(SHORTEST_PAUSE_S, left_s)))

    def _percent(self, measured: ResourceUsage, now: float) -> float | None:
        """Return the share of one processor since the last sample."""
        before = self._record.usage.cpu_s
        if self._sampled_at is None or before is None or measured.cpu_s is None:
            return None
        return max(0.0, 100 * (measured.cpu_s - before) / max(now - self._sampled_at, SHORTEST_PAUSE_S))


def usage_of(measured: ResourceUsage, cpu_percent: float | None = None) -> SandboxUsage:
    """Return measured figures as the interface shows them."""
    return SandboxUsage(
        memory_bytes=measured.memory_bytes,
        peak_memory_bytes=measured.peak_memory_bytes,
        cpu_s=measured.cpu_s,
        cpu_percent=cpu_percent,
        throttled_s=measured.throttled_s,
        pids=measured.pids,
        oom_kills=measured.oom_kills,
    )


def overdue(record: SandboxRecord) -> str:
    """Say why a sandbox must end now; empty while it may go on. One that works is not idle."""
    limits = record.limits
    if record.age_s >= limits.ttl_s:
        return f"it was older than {spoken(limits.ttl_s)}"
    if record.activity.idle_s >= record.idle_limit_s:
        return f"it was idle for {spoken(record.idle_limit_s)}"
    return ""


def spoken(seconds: float) -> str:
    """Return a length of time in words."""
    for size, unit in ((HOUR_S, "hour"), (MINUTE_S, "minute")):
        if seconds >= size:
            count = f"{seconds / size:.3g}"
            return f"{count} {unit}" + ("" if count == "1" else "s")
    count = f"{seconds:.3g}"
    return f"{count} second" + ("" if count == "1" else "s")
