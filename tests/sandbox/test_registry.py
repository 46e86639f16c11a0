"""The list of this process's sandboxes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gptoss_lab.sandbox.agent.mux import PORTS
from gptoss_lab.sandbox.registry import ENDED_KEPT, ENDED_KEPT_S, Registry
from gptoss_lab.schemas.execution import Limits
from gptoss_lab.schemas.sandboxes import SandboxUsage
from tests.fakes.records import make_record


async def test_a_record_is_shown_with_its_live_counts(tmp_path: Path) -> None:
    """Figures of the last sample, counts of this moment."""
    record = make_record(tmp_path, usage=SandboxUsage(memory_bytes=5), owner="anna")
    record.relay.bytes_in, record.relay.bytes_out = 7, 8
    record.activity.opened(1, PORTS[0])
    assert record.state().phase == "starting"
    record.activity.outward(1, b"hello")
    assert record.state().phase == "idle"
    record.activity.inward(1, b'{"msg_id": "a", "msg_type": "execute_request"}')
    state = record.state()
    assert (state.phase, state.usage.memory_bytes, state.usage.executions) == ("busy", 5, 1)
    assert (state.usage.bytes_in, state.usage.bytes_out) == (7, 8)
    assert state.expires_in_s == pytest.approx(Limits().ttl_s, abs=5)


async def test_what_ended_well_is_forgotten_and_the_rest_is_kept(tmp_path: Path) -> None:
    """An end that somebody must know of can be looked up for a while."""
    registry = Registry()
    well, badly = make_record(tmp_path, "well"), make_record(tmp_path, "badly")
    spare = make_record(tmp_path, "spare", purpose="warm", last_error="it was idle for 30 minutes")
    for record in (well, badly, spare):
        registry.enter(record)
    badly.last_error = "out of memory"
    for record in (well, badly, badly, spare):
        registry.leave(record)
    assert list(registry) == [badly]
    assert registry.get("badly") is badly
    assert badly.state().phase == "ended"
    assert badly.state().expires_in_s is None
    assert registry.get("well") is None


async def test_a_restart_keeps_the_reason_of_the_end_before(tmp_path: Path) -> None:
    """A kernel that was started again after a crash still says why it had crashed."""
    registry = Registry()
    first, second = make_record(tmp_path), make_record(tmp_path)
    first.last_error, first.notebook = "out of memory", "a.ipynb"
    registry.enter(first)
    registry.leave(first)
    registry.enter(second)
    assert list(registry) == [second]
    state = second.state()
    assert (state.last_error, state.notebook, state.phase) == ("out of memory", "a.ipynb", "starting")
    registry.leave(first)
    assert list(registry) == [second]


async def test_the_ended_are_few_and_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a thousand crashes nor a year make the list long."""
    registry = Registry()
    for number in range(ENDED_KEPT + 5):
        record = make_record(tmp_path, f"k{number}", last_error="died")
        registry.enter(record)
        registry.leave(record)
    assert len(list(registry)) == ENDED_KEPT
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + ENDED_KEPT_S + 1)
    assert list(registry) == []
