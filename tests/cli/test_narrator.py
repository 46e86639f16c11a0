"""Events in words."""

from __future__ import annotations

import pytest

from gptoss_lab.cli.narrator import Narrator, where_it_runs, who_answers
from gptoss_lab.cli.screen import Lines
from gptoss_lab.schemas.events import Event, Generator, Progress, Repair, Stage, VerificationEvent
from gptoss_lab.schemas.execution import CellVerification, SandboxStatus

READY = SandboxStatus(available=True, runtime="docker", image="sha256:abcdef0123456789", image_ready=True)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Stage(stage="verify"), "running the cells in a sandbox"),
        (Stage(stage="collect", detail="pandas"), "reading the documentation: pandas"),
        (Stage(stage="done"), ""),
        (Progress(stage="collect", message="parsing", done=1, total=4), "parsing (25%)"),
        (
            Progress(stage="prompt", message="waiting for the model: loading weights 43 %, about 20 s"),
            "waiting for the model: loading weights",
        ),
        (Repair(round=2, cells=("c1",), reason="it failed"), "round 2: it failed"),
        (
            VerificationEvent(
                cell="c", verification=CellVerification(status="error", error="x\nNameError: y")
            ),
            "A cell did not run well: NameError: y",
        ),
        (
            VerificationEvent(cell="c", verification=CellVerification(status="oom")),
            "A cell did not run well: it needed more memory than allowed",
        ),
        (VerificationEvent(cell="c", verification=CellVerification(status="skipped")), "A cell was skipped."),
        (VerificationEvent(cell="c", verification=CellVerification(status="ok")), ""),
    ],
)
def test_events_are_told(event: Event, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One short line each; what went well needs none."""
    Narrator(Lines(), as_json=False, verify=True).tell(event)
    assert capsys.readouterr().err.strip() == said


def test_without_verification_the_sandbox_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    """Who asked for no run needs no advice on sandboxes."""
    event = Generator(generator="model", model="gpt-oss-20b", sandbox=SandboxStatus(available=False))
    Narrator(Lines(), as_json=False, verify=False).tell(event)
    assert capsys.readouterr().err == "The model gpt-oss-20b answers.\n"


def test_the_runtime_and_image_are_named() -> None:
    """A person sees what isolated the code."""
    assert where_it_runs(READY) == "Sandbox: docker, image abcdef012345, no network."
    named = READY.model_copy(update={"image": "gptoss-sandbox-python:abcdef0123456789"})
    assert "image gptoss-sandbox-python:abcdef0123456789," in where_it_runs(named)
    unbuilt = READY.model_copy(update={"image_ready": False})
    assert "sandbox build python" in where_it_runs(unbuilt)
    assert "No model writes here" in who_answers("examples", "")
