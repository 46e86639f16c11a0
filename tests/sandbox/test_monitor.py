"""Measuring one sandbox and ending it in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox import monitor as monitor_module
from gptoss_lab.sandbox.agent.mux import PORTS
from gptoss_lab.sandbox.monitor import Monitor, overdue, spoken
from gptoss_lab.sandbox.runtime import ResourceUsage
from gptoss_lab.schemas.execution import Limits
from tests.fakes.records import make_record


def _never(reason: str) -> None:
    raise AssertionError(reason)


async def test_samples_become_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processor's share is that between two samples; one that fails leaves the last figures."""
    monkeypatch.setattr(monitor_module, "SAMPLE_EVERY_S", 0.05)
    record = make_record(tmp_path)
    samples = iter([ResourceUsage(10, 20, 1.0, 3, 0.5, 1), ResourceUsage(30, 40, 2.0, 4, 0.6, 2)])
    seen: list[object] = []
    failed = asyncio.Event()

    async def measure() -> ResourceUsage:
        seen.append(record.usage.cpu_percent)
        sample = next(samples, None)
        if sample is None:
            failed.set()
            raise SandboxError("it has ended")
        return sample

    monitor = Monitor(record, measure, _never)
    await asyncio.wait_for(failed.wait(), 10)
    await monitor.close()
    usage = record.usage
    assert seen[:2] == [None, None]
    assert usage.cpu_percent is not None
    assert usage.cpu_percent > 0
    assert (usage.memory_bytes, usage.peak_memory_bytes, usage.pids) == (30, 40, 4)
    assert (usage.throttled_s, usage.oom_kills) == (0.6, 2)


@pytest.mark.parametrize(
    ("limits", "says"),
    [({"idle_s": 0.2}, "it was idle for 0.2 seconds"), ({"ttl_s": 0.2}, "it was older than 0.2 seconds")],
)
async def test_a_sandbox_whose_time_is_over_is_ended(
    tmp_path: Path, limits: dict[str, float], says: str
) -> None:
    """Once, with the reason in words."""
    record = make_record(tmp_path, limits=Limits().model_copy(update=limits))
    record.activity.outward(1, b"hello")
    reasons: asyncio.Queue[str] = asyncio.Queue()

    async def measure() -> ResourceUsage:
        return ResourceUsage()

    monitor = Monitor(record, measure, reasons.put_nowait)
    assert await asyncio.wait_for(reasons.get(), 10) == says
    await asyncio.sleep(0)
    assert monitor._task.done()
    await monitor.close()
    assert reasons.empty()


async def test_one_that_works_is_not_idle_but_grows_old(tmp_path: Path) -> None:
    """A long cell is no reason to end its kernel, a long life is."""
    record = make_record(tmp_path, limits=Limits(idle_s=1, ttl_s=100))
    record.started -= 50
    record.activity._used_at -= 50
    assert overdue(record) == ""  # it may still be starting
    record.activity.answered = True
    assert overdue(record) == "it was idle for 1 second"
    record.activity.opened(1, PORTS[0])
    record.activity.inward(1, b'{"msg_id": "a", "msg_type": "execute_request"}')
    assert overdue(record) == ""
    record.started -= 60
    assert overdue(record) == "it was older than 1.67 minutes"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1800, "30 minutes"), (43_200, "12 hours"), (3600, "1 hour"), (60, "1 minute"), (0.5, "0.5 seconds")],
)
def test_lengths_of_time_are_spoken(seconds: float, words: str) -> None:
    """In the largest unit that fits."""
    assert spoken(seconds) == words
