"""How long the event loop works without a pause, whatever else this machine does meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

PERIOD_S = 0.002


@dataclass
class Lag:
    """`longest_s` is the most processor time that the loop's thread took between two turns of a task."""

    longest_s: float = 0.0


@contextlib.asynccontextmanager
async def lag() -> AsyncIterator[Lag]:
    """Measure while the block lasts."""
    made = Lag()

    async def follow() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(PERIOD_S)
            made.longest_s = max(made.longest_s, time.thread_time() - before)

    task = asyncio.ensure_future(follow())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
