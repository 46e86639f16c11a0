"""Waiting for a place, and giving back what comes too late."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from gptoss_lab.errors import CancelledByUser
from gptoss_lab.services.run_place import unless


class Door:
    """Something that is given out once and must come back."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.back: list[str] = []

    async def stubborn(self) -> str:
        """Give out a place, although the wait for it was cancelled."""
        with contextlib.suppress(asyncio.CancelledError):
            await self.open.wait()
        return "place"

    async def undo(self, place: str) -> None:
        """Take it back."""
        self.back.append(place)


async def test_what_comes_in_time_is_kept() -> None:
    """The result is the caller's, and nothing is given back."""
    door = Door()
    door.open.set()
    assert await unless(asyncio.Event(), door.stubborn(), door.undo) == "place"
    assert door.back == []


async def test_what_comes_after_a_stop_is_given_back() -> None:
    """A start that could not be cancelled any more does not stay without an owner."""
    door, stop = Door(), asyncio.Event()
    stop.set()
    with pytest.raises(CancelledByUser):
        await unless(stop, door.stubborn(), door.undo)
    assert door.back == ["place"]


async def test_what_comes_after_a_cancel_is_given_back() -> None:
    """The same holds when the caller itself is cancelled."""
    door = Door()
    task = asyncio.create_task(unless(asyncio.Event(), door.stubborn(), door.undo))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert door.back == ["place"]


async def test_work_that_heeds_a_stop_gives_nothing_back() -> None:
    """Nothing came, so nothing is returned."""
    door, stop = Door(), asyncio.Event()
    stop.set()
    with pytest.raises(CancelledByUser):
        await unless(stop, asyncio.Event().wait(), _never)
    assert door.back == []


async def _never(_: object) -> None:
    raise AssertionError("there is nothing to give back")
