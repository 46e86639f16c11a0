"""How late the event loop is."""

from __future__ import annotations

import asyncio
import time

import pytest

from gptoss_lab.services import loop_lag
from gptoss_lab.services.loop_lag import LoopLag


async def test_what_blocks_the_loop_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how long; opening it twice watches once, and closing what was never opened does nothing."""
    monkeypatch.setattr(loop_lag, "TICK_S", 0.01)
    told: list[float] = []
    lag = LoopLag(told.append)
    assert lag.worst_s == 0
    await lag.close()
    lag = LoopLag(told.append)
    lag.open()
    lag.open()
    await asyncio.sleep(0.03)
    time.sleep(0.2)  # noqa: ASYNC251 - what it is to notice
    await asyncio.sleep(0.05)
    await lag.close()
    assert 0.1 < lag.worst_s == max(told)
