"""Where the state of an engine is written, and read by whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gptoss_lab.engines.status import EngineStatus
from gptoss_lab.schemas.model import SERVING


class StatusBoard:
    """The status of one engine, and the requests that are with it.

    Args:
        on_change: Called with each new status, in order, from the event loop and never from inside a
            call of ours.
    """

    def __init__(self, on_change: Callable[[EngineStatus], None]) -> None:
        self._on_change = on_change
        self._waiting: set[asyncio.Future[None]] = set()
        self.status = EngineStatus()
        self.in_use = 0
        self.beats = 0
        self.used_at_s = 0.0

    def put(self, **changes: Any) -> None:
        """Change fields of the status; "ready" becomes "busy" where requests are with the engine."""
        if changes.get("phase") in SERVING:
            changes["phase"] = "busy" if self.in_use else "ready"
        status = replace(self.status, **changes)
        if status == self.status:
            return
        self.status = status
        asyncio.get_running_loop().call_soon(self._on_change, status)
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def changed(self, timeout_s: float) -> None:
        """Wait for the next change, or for so long."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait({future}, timeout=timeout_s)
        finally:
            self._waiting.discard(future)

    @contextmanager
    def using(self) -> Iterator[Callable[[], None]]:
        """Count a request; what it yields is called for each sign of life of its answer."""
        self.in_use += 1
        self._use()
        try:
            yield self._beat
        finally:
            self.in_use -= 1
            self._use()

    def _use(self) -> None:
        self.used_at_s = asyncio.get_running_loop().time()
        if self.status.phase in SERVING:
            self.put(phase="ready")

    def _beat(self) -> None:
        self.beats += 1
