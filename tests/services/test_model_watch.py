"""Looks that are repeated while someone asks."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gptoss_lab.services import model_watch
from gptoss_lab.services.model_watch import Watch
from tests.fakes.models import until


async def test_it_looks_only_while_someone_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at its own pace; a while after the last question it ends, and begins with the next."""
    monkeypatch.setattr(model_watch, "TICK_S", 0.005)
    monkeypatch.setattr(model_watch, "LOOKED_AT_FOR_S", 0.1)
    often, seldom = [0], [0]

    async def look(count: list[int]) -> None:
        count[0] += 1

    watch = Watch({lambda: look(often): 0.0, lambda: look(seldom): 1000.0})
    before = asyncio.all_tasks()
    watch.asked()
    await until(lambda: often[0] > 3)
    assert seldom[0] == 1
    await until(lambda: asyncio.all_tasks() == before)
    watch.hurry()
    watch.asked()
    await until(lambda: seldom[0] == 2)
    await watch.close()
    assert asyncio.all_tasks() == before


async def test_a_look_that_fails_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours must not stop the state from being told."""
    monkeypatch.setattr(model_watch, "TICK_S", 0.005)
    looks = [0]

    async def look() -> None:
        looks[0] += 1
        raise ZeroDivisionError

    watch = Watch({look: 0.0})
    with caplog.at_level(logging.ERROR):
        watch.asked()
        await until(lambda: looks[0])
        await asyncio.sleep(0)
        watch.asked()
        await until(lambda: looks[0] > 1)
    assert "Looking after the model failed" in caplog.text
    await watch.close()
