"""`jupyter gptoss feedback`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from gptoss_lab.schemas.config import FeedbackConfig
from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.services.feedback import FeedbackService
from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices

KEPT = FeedbackItem(
    at="2026-01-02T03:04:05Z",
    job="j1",
    cell="c1",
    generator="model",
    model="gpt-oss-20b",
    verdict="edited",
    generated_chars=100,
    kept_chars=90,
    edit_distance=12,
)
REJECTED = KEPT.model_copy(update={"cell": "c2", "verdict": "rejected", "edit_distance": None})
EXAMPLE = FeedbackItem(
    at="2026-01-03T03:04:05Z", job="j2", cell="c1", generator="examples", verdict="rejected"
)


def test_nothing_is_there_yet(invoke: Invoke) -> None:
    """It says so."""
    result = invoke("feedback")
    assert (result.exit_code, result.stdout) == (0, "No cell has been decided on yet.\n")


def test_the_counts_are_told(services: FakeServices, invoke: Invoke) -> None:
    """One line for each generator and model, then from when and where it lies."""
    asyncio.run(services.feedback.add("me", [KEPT, REJECTED, EXAMPLE]))
    lines = invoke("feedback").stdout.splitlines()
    assert lines[0] == (
        "gpt-oss-20b: 2 cells, 0 accepted as they were, 1 edited, 1 rejected; "
        "of what was kept 12.0% was changed"
    )
    assert lines[1] == "documentation examples: 1 cells, 0 accepted as they were, 0 edited, 1 rejected"
    assert lines[2] == f"Decided from 2026-01-02 to 2026-01-03; kept in {services.feedback.folder}"


def test_the_counts_as_json(services: FakeServices, invoke: Invoke) -> None:
    """One object, as over HTTP."""
    asyncio.run(services.feedback.add("me", [KEPT]))
    found = json.loads(invoke("feedback", "--json").stdout)
    assert found["counts"][0]["edit_distance"] == 12


def test_damage_and_a_switch_are_told(services: FakeServices, invoke: Invoke, tmp_path: Path) -> None:
    """On standard error."""
    services.feedback = FeedbackService(folder=tmp_path, config=FeedbackConfig(enabled=False))
    (tmp_path / "a.jsonl").write_text("nonsense\n")
    result = invoke("feedback")
    assert "Damaged lines that are not counted: 1" in result.stderr
    assert "c.GptossLabApp.feedback" in result.stderr
