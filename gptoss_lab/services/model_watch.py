"""Looks that are repeated while someone asks for what they bring."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

LOG = logging.getLogger(__name__)
LOOKED_AT_FOR_S = 10.0
TICK_S = 0.5

Look = Callable[[], Awaitable[None]]


class Watch:
    """Repeats each look at its own pace, until nobody has asked for a while.

    Args:
        looks: Each look and the seconds between two of it.
    """

    def __init__(self, looks: Mapping[Look, float]) -> None:
        self._looks = dict(looks)
        self._due = dict.fromkeys(self._looks, 0.0)
        self._asked_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def asked(self) -> None:
        """Note that someone asks, and see to it that there is news for the next time."""
        self._asked_at = time.monotonic()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._repeat())
            self._task.add_done_callback(_told)

    def hurry(self) -> None:
        """Let every look be due."""
        self._due = dict.fromkeys(self._looks, 0.0)

    async def close(self) -> None:
        """End."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _repeat(self) -> None:
        while time.monotonic() - self._asked_at < LOOKED_AT_FOR_S:
            for look, every_s in self._looks.items():
                if time.monotonic() >= self._due[look]:
                    await look()
                    self._due[look] = time.monotonic() + every_s
            await asyncio.sleep(TICK_S)


def _told(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        LOG.error("Looking after the model failed", exc_info=task.exception())
