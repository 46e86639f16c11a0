"""A limit on the time of one wait."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadline:
    """Raises `asyncio.TimeoutError` from its block when the time is over.

    It runs the block in the task it is in: `asyncio.wait_for` of Python 3.10 and 3.11 can lose a
    cancellation that meets the end of the wait, and costs a task for each wait.

    Source: https://github.com/python/cpython/issues/86296
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A deadline needs a running task")
        self._task = task
        self._cancelling = _cancelling(task)
        self._handle = asyncio.get_running_loop().call_later(self._timeout_s, self._expire)

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

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()


def _cancelling(task: asyncio.Task[object]) -> int:
    count = getattr(task, "cancelling", None)
    return int(count()) if count else 0
