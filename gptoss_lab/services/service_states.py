"""How the parts of the server stand, and what to do where one does not."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.schemas.diagnosis import Check
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.model import LOADING, SERVING, ModelState
from gptoss_lab.schemas.monitor import RecentAnswers, Resources, ServiceState
from gptoss_lab.services.disk import disk_check
from gptoss_lab.services.doctor_sandbox import sandbox_check
from gptoss_lab.services.execution import OFF
from gptoss_lab.services.model_words import phase_words, progress_words

EXAMPLES = "the examples of the documentation answer"
LOOP_LAG_S = 1.0
FEWEST_FAULTS = 5
MOST_FAULTS = 0.05
FAULTS_FIX = "The log of the Jupyter Server says what went wrong; `jupyter gptoss doctor` looks why."
UNKNOWN_FIX = "`jupyter gptoss doctor` looks for the cause."
FAULT_FIX = "Free disk space, and look at the permissions of the data folder."
LAG_FIX = (
    "Something keeps the server busy: look at its processor, and move heavy work of other extensions away."
)


def model_state(state: ModelState) -> ServiceState:
    """Say how the model stands."""
    if state.failure is not None:
        told = f"{state.model or 'the model'}: {state.failure.message}"
        return ServiceState(name="model", status="fail", detail=told, fix=state.failure.hint or UNKNOWN_FIX)
    if state.phase in SERVING:
        return ServiceState(name="model", status="ok", detail=f"{state.model}: {phase_words(state.phase)}")
    if state.phase in LOADING or state.phase in {"restarting", "draining"}:
        told = f"{state.model}: {progress_words(state.phase, state.progress)}"
        fix = "Wait; until then the examples answer, or generations wait for it."
        return ServiceState(name="model", status="warn", detail=told, fix=fix)
    return ServiceState(name="model", status="off", detail=f"{phase_words(state.phase)}; {EXAMPLES}")


def sandbox_state(status: SandboxStatus) -> ServiceState:
    """Say whether cells are run."""
    if status.reason == OFF.reason:
        return ServiceState(name="sandbox", status="off", detail=f"cells are not run: {status.reason}")
    return _state(sandbox_check(status))


def kept_state(name: str, fault: str, *, kept: bool, what: str) -> ServiceState:
    """Say whether something is kept on the disk.

    Args:
        name: What is shown.
        fault: Why it is not; empty where it is.
        kept: Whether it should be.
        what: It in words.
    """
    if fault:
        return ServiceState(name=name, status="fail", detail=fault, fix=FAULT_FIX)
    if not kept:
        told = f"{what} go with this server, as the configuration says"
        return ServiceState(name=name, status="off", detail=told)
    return ServiceState(name=name, status="ok", detail=f"{what} are kept")


def documents_state(folder: Path, *, writable: bool) -> ServiceState:
    """Say whether documentation can be indexed."""
    if writable:
        return ServiceState(name="documents", status="ok", detail="documentation can be indexed")
    told = f"nothing can be indexed: {folder} cannot be written"
    return ServiceState(name="documents", status="fail", detail=told, fix=FAULT_FIX)


def disk_state(folder: Path, resources: Resources) -> ServiceState:
    """Say whether there is room."""
    if not resources.disk_bytes:
        told = f"the disk of {folder} does not answer"
        return ServiceState(name="disk", status="warn", detail=told, fix="Look whether it is mounted.")
    return _state(disk_check("disk", folder, resources.disk_free_bytes))


def loop_state(lag_s: float) -> ServiceState:
    """Say whether the server answers in time."""
    told = f"it was {lag_s:.2f} s late at worst in the last minute"
    if lag_s > LOOP_LAG_S:
        return ServiceState(name="event loop", status="warn", detail=told, fix=LAG_FIX)
    return ServiceState(name="event loop", status="ok", detail=told)


def answers_state(answers: RecentAnswers) -> ServiceState:
    """Say whether the last answers were what was asked for."""
    minutes = f"of {answers.count} answers in {answers.window_s / 60:.0f} minutes"
    faults = round(answers.error_rate * answers.count)
    told = f"{answers.error_rate:.1%} {minutes} were server errors"
    if faults >= FEWEST_FAULTS and answers.error_rate > MOST_FAULTS:
        return ServiceState(name="answers", status="fail", detail=told, fix=FAULTS_FIX)
    return ServiceState(name="answers", status="ok", detail=told)


def _state(check: Check) -> ServiceState:
    return ServiceState(name=check.name, status=check.status, detail=check.detail, fix=check.fix)
