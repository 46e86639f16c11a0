"""A deadline ends a wait and loses no cancellation."""

from __future__ import annotations

import asyncio
import time

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
    assert await asyncio.sleep(0.04, "went on") == "went on"


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


async def paused_then_slow() -> None:
    """Wait with the deadline paused, then for longer than it allows."""
    deadline = Deadline(5)
    with deadline:
        deadline.pause()
        await asyncio.sleep(0.02)
        deadline.begin(0.01)
        await asyncio.sleep(1)


async def test_each_wait_has_its_own_time() -> None:
    """A shorter wait after a longer one ends at its own time, and a pause counts no time."""
    began = time.monotonic()
    with pytest.raises(asyncio.TimeoutError):
        await paused_then_slow()
    assert 0.02 < time.monotonic() - began < 0.5


async def test_a_pause_outlasts_the_time() -> None:
    """Nothing expires while the deadline is paused."""
    deadline = Deadline(0.01)
    with deadline:
        deadline.pause()
        assert await asyncio.sleep(0.05, "waited") == "waited"
        deadline.begin(1)
        await asyncio.sleep(0)
