"""A wait with an end, which heeds a cancellation whatever happens at the same time."""

from __future__ import annotations

import asyncio

import pytest

from gptoss_lab.sandbox.within import within


async def test_what_comes_in_time_is_returned() -> None:
    """A result, and a failure, are those of the work."""
    assert await within(asyncio.sleep(0, "done"), 10) == "done"
    failing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    failing.set_exception(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await within(failing, 10)


async def test_what_is_there_already_is_returned_without_a_wait() -> None:
    """No time at all is enough for it."""
    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(1)
    assert await within(queue.get(), 0) == 1


async def test_what_takes_too_long_is_cancelled() -> None:
    """The work does not go on behind the caller's back."""
    work = asyncio.ensure_future(asyncio.Event().wait())
    with pytest.raises(asyncio.TimeoutError):
        await within(work, 0.01)
    assert work.cancelled()


async def test_a_cancellation_is_heeded_when_the_work_ends_at_once_with_it() -> None:
    """The end of the work does not swallow it."""
    work: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(within(work, 10))
    await asyncio.sleep(0)
    work.set_result("too late")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_wait_cancels_its_work() -> None:
    """Nothing is left running, and nothing is left to complain of."""
    work = asyncio.ensure_future(asyncio.Event().wait())
    task = asyncio.create_task(within(work, 10))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.cancelled()
