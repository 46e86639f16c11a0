"""Events on the wire."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from gptoss_lab.schemas.events import EVENT, TERMINAL, CellClose, Done, Event
from gptoss_lab.schemas.generation import CodeGenerationRequest

MEMBERS = get_args(get_args(Event)[0])


def test_every_event_has_its_own_type() -> None:
    """A reader tells them apart by `type` alone."""
    types = [member.model_fields["type"].default for member in MEMBERS]
    assert len(types) == len(set(types))
    assert set(TERMINAL) <= set(types)


def test_events_survive_the_wire() -> None:
    """What is written is what is read."""
    for event in (Done(seq=3, job="j", state="done", cells=1), CellClose(cell="c", source="a\nb")):
        assert EVENT.validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize(
    "text", ['{"type": "no"}', '{"type": "done"}', '{"type": "reasoning", "text": "", "x": 1}']
)
def test_other_events_are_refused(text: str) -> None:
    """Unknown types, missing and additional fields."""
    with pytest.raises(ValidationError):
        EVENT.validate_json(text)


def test_models_cannot_be_changed() -> None:
    """A request that was accepted stays as it was."""
    request = CodeGenerationRequest(task="x")
    with pytest.raises(ValidationError):
        request.task = "y"  # type: ignore[misc]
