"""A limit on the time of one wait, which loses no cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(work: Awaitable[T], limit_s: float) -> T:
    """Await work for at most a time.

    `asyncio.wait_for` of Python 3.10 and 3.11 loses a cancellation that meets the end of the wait: whoever
    asked a run to stop would then wait for its end in vain.

    Args:
        work: What is awaited; it is cancelled when it takes too long.
        limit_s: The time that it has.

    Raises:
        TimeoutError: It took longer.
        CancelledError: The caller was cancelled, and so was the work.

    Source: https://github.com/python/cpython/issues/86296
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=limit_s)
    except asyncio.CancelledError:
        await _dropped(task)
        raise
    if not task.done():
        await _dropped(task)
        if task.cancelled():
            raise asyncio.TimeoutError
    return task.result()


async def _dropped(task: asyncio.Future[T]) -> None:
    """Cancel, wait for the end, and look at a failure that nobody asks for."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
