"""What a cell carries."""

from __future__ import annotations

from typing import get_args

from gptoss_lab.schemas.execution import CellVerification, RunStatus
from gptoss_lab.schemas.review import VerificationNote


def test_a_note_keeps_all_but_the_outputs() -> None:
    """Outputs live on the cell itself."""
    run = CellVerification(
        status="oom",
        duration_s=1.5,
        peak_memory_bytes=7,
        outputs=({"output_type": "stream"},),
        error="killed",
        runtime="docker",
        image="sha256:a",
    )
    note = VerificationNote.of(run)
    assert note.model_dump() == {
        "status": "oom",
        "duration_s": 1.5,
        "peak_memory_bytes": 7,
        "runtime": "docker",
        "image": "sha256:a",
        "error": "killed",
    }


def test_every_outcome_of_a_run_can_be_noted() -> None:
    """A status that the sandbox knows must not fail when the notebook is written."""
    for status in get_args(RunStatus):
        assert VerificationNote.of(CellVerification(status=status)).status == status
