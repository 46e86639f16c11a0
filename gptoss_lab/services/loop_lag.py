"""How late the event loop is: what makes everyone wait, whatever they asked for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

TICK_S = 0.5
KEPT = 120
"""Ticks of about a minute."""


class LoopLag:
    """Asks to be woken twice a second and notes how late that was.

    Args:
        told: Hears of each, in seconds.
    """

    def __init__(self, told: Callable[[float], None]) -> None:
        self._told = told
        self._late: deque[float] = deque(maxlen=KEPT)
        self._task: asyncio.Task[None] | None = None

    @property
    def worst_s(self) -> float:
        """The worst of the last minute."""
        return max(self._late, default=0.0)

    def open(self) -> None:
        """Begin on the loop that runs; does nothing when it has begun."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="loop-lag")

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            late_s = max(0.0, loop.time() - due)
            self._late.append(late_s)
            self._told(late_s)
