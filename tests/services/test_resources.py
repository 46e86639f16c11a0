"""The machine, looked at when someone asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from gptoss_lab.schemas.monitor import GpuUse
from gptoss_lab.services import resources as module
from gptoss_lab.services.resources import ResourceWatch


class Gpus:
    """One GPU, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self) -> Sequence[GpuUse]:
        """Tell how busy it is."""
        self.asked += 1
        await asyncio.sleep(0.01)
        return [GpuUse(name="a", used_percent=5)]


async def test_those_who_ask_at_once_share_a_look(tmp_path: Path) -> None:
    """It is made in a thread, and kept for some seconds."""
    gpus = Gpus()
    watch = ResourceWatch(tmp_path, lambda: 0.25, gpus)
    first, second = await asyncio.gather(watch.now(), watch.now())
    assert first == second == watch.last()
    assert gpus.asked == 1
    assert (first.gpus[0].name, first.loop_lag_s) == ("a", 0.25)
    assert first.memory_bytes > first.server_bytes > 0
    assert first.disk_bytes >= first.disk_free_bytes > 0
    await watch.close()


async def test_the_last_look_is_given_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a newer one is made for the next who asks; before the first there are zeros."""
    watch = ResourceWatch(tmp_path, lambda: 0.0, Gpus())
    assert watch.last().memory_bytes == 0
    assert (await watch.now()).memory_bytes > 0
    monkeypatch.setattr(module, "FRESH_S", -1.0)
    assert watch.last().memory_bytes > 0
    await watch.close()
    await watch.close()


async def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while there are zeros, and the thread is left behind."""
    hanging = threading.Event()
    monkeypatch.setattr(module, "LOOK_WITHIN_S", 0.05)

    def hang() -> None:
        hanging.wait(30)
        raise OSError

    monkeypatch.setattr(module, "read_host", hang)
    watch = ResourceWatch(tmp_path, lambda: 0.0, Gpus())
    found = await asyncio.wait_for(watch.now(), 5)
    assert (found.memory_bytes, found.gpus[0].name) == (0, "a")
    hanging.set()
    await watch.close()
