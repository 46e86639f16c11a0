"""A limit on the time of each wait in a block."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadline:
    """Raises `asyncio.TimeoutError` from its block when a wait in it takes too long.

    It runs the block in the task it is in: `asyncio.wait_for` of Python 3.10 and 3.11 can lose a
    cancellation that meets the end of the wait, and costs a task for each wait. Beginning the next
    wait only notes the time, as there is one for each piece of a stream.

    Source: https://github.com/python/cpython/issues/86296
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._expired = False
        self._loop = asyncio.get_running_loop()
        self._until: float | None = None

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A deadline needs a running task")
        self._task = task
        self._cancelling = _cancelling(task)
        self._handle = self._loop.call_later(self._timeout_s, self._look)
        self.begin(self._timeout_s)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.cancel()
        if not self._expired:
            return
        uncancel = getattr(self._task, "uncancel", None)  # Python 3.11 counts the requests to cancel
        remaining = uncancel() if uncancel else 0
        if kind is asyncio.CancelledError and remaining <= self._cancelling:
            raise asyncio.TimeoutError from error

    def begin(self, timeout_s: float) -> None:
        """Begin the next wait."""
        self._timeout_s = timeout_s
        self._until = self._loop.time() + timeout_s
        if self._until < self._handle.when():
            self._handle.cancel()
            self._handle = self._loop.call_at(self._until, self._look)

    def pause(self) -> None:
        """Count no time until the next wait begins."""
        self._until = None

    def _look(self) -> None:
        now = self._loop.time()
        if self._until is not None and now >= self._until:
            self._expired = True
            self._task.cancel()
            return
        until = self._until if self._until is not None else now + self._timeout_s
        self._handle = self._loop.call_at(until, self._look)


def _cancelling(task: asyncio.Task[object]) -> int:
    count = getattr(task, "cancelling", None)
    return int(count()) if count else 0
