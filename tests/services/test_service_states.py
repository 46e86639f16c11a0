"""How the parts of the server stand."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.model import EngineFailure, EnginePhase, ModelState
from gptoss_lab.schemas.monitor import RecentAnswers, Resources, ServiceState
from gptoss_lab.services import service_states as states
from gptoss_lab.services.execution import OFF

FULL = Resources(
    cpu_percent=1,
    cpu_count=1,
    memory_used_bytes=1,
    memory_bytes=2,
    server_bytes=1,
    disk_free_bytes=1,
    disk_bytes=2,
)
FAILURE = EngineFailure(phase="warming", code="oom_gpu", message="It is full.", hint="")


@pytest.mark.parametrize("phase", get_args(EnginePhase))
def test_a_model_in_any_phase(phase: EnginePhase) -> None:
    """What is not well has something to do; a model that nobody started is off, not broken."""
    found = states.model_state(ModelState(phase=phase, model="m"))
    assert found.status in {"ok", "warn", "off", "fail"}
    assert bool(found.fix) == (found.status in {"warn", "fail"})
    assert (found.status == "ok") == (phase in {"ready", "busy"})


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (states.model_state(ModelState(phase="failed", failure=FAILURE)), "fail"),
        (states.sandbox_state(SandboxStatus(available=False, reason="no Docker")), "warn"),
        (states.sandbox_state(OFF), "off"),
        (states.sandbox_state(SandboxStatus(available=True, image_ready=True)), "ok"),
        (states.kept_state("jobs", "the disk is full", kept=True, what="jobs"), "fail"),
        (states.kept_state("jobs", "", kept=False, what="jobs"), "off"),
        (states.kept_state("jobs", "", kept=True, what="jobs"), "ok"),
        (states.documents_state(Path("/x"), writable=False), "fail"),
        (states.documents_state(Path("/x"), writable=True), "ok"),
        (states.disk_state(Path("/x"), FULL), "fail"),
        (states.disk_state(Path("/x"), FULL.model_copy(update={"disk_free_bytes": 1 << 30})), "warn"),
        (states.disk_state(Path("/x"), FULL.model_copy(update={"disk_free_bytes": 1 << 40})), "ok"),
        (states.disk_state(Path("/x"), FULL.model_copy(update={"disk_bytes": 0})), "warn"),
        (states.loop_state(0.01), "ok"),
        (states.loop_state(3.0), "warn"),
        (states.answers_state(RecentAnswers(window_s=300, count=20, error_rate=0.5)), "fail"),
        (states.answers_state(RecentAnswers(window_s=300, count=2, error_rate=0.5)), "ok"),
    ],
)
def test_what_is_not_well_says_what_to_do(state: ServiceState, status: str) -> None:
    """And what is well does not."""
    assert state.status == status
    assert bool(state.fix) == (status in {"warn", "fail"})
