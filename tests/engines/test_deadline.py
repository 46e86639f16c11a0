"""A deadline ends a wait and loses no cancellation."""

from __future__ import annotations

import asyncio

import pytest

from gptoss_lab.engines.deadline import Deadline


async def test_it_expires() -> None:
    """A wait that is too long ends with a timeout, and the task goes on."""
    with pytest.raises(asyncio.TimeoutError), Deadline(0.01):
        await asyncio.sleep(5)
    await asyncio.sleep(0)


async def test_it_leaves_a_quick_wait_alone() -> None:
    """A wait that ends in time is not cancelled later."""
    with Deadline(0.02):
        await asyncio.sleep(0)
    await asyncio.sleep(0.04)


async def test_a_cancellation_stays_one() -> None:
    """Whoever cancels the task gets a cancelled task, not a timeout."""

    async def wait() -> None:
        with Deadline(5):
            await asyncio.sleep(10)

    task = asyncio.ensure_future(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
