"""What is told of a review."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gptoss_lab.schemas.feedback import MAX_ITEMS, FeedbackItem, FeedbackRequest

ITEM = {
    "at": "2026-01-02T03:04:05.678Z",
    "job": "j-1",
    "cell": "c-1",
    "generator": "model",
    "model": "openai/gpt-oss-20b",
    "verdict": "edited",
    "generated_chars": 100,
    "kept_chars": 90,
    "edit_distance": 12,
}


def test_an_item_says_how_a_review_ended() -> None:
    """What is left out has a default."""
    item = FeedbackItem.model_validate(ITEM)
    assert (item.verdict, item.change, item.verification) == ("edited", "new", "off")


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "x = 1"},
        {"task": "plot my salary"},
        {"by": "Ada"},
        {"model": "words of a person"},
        {"job": "words of a person"},
        {"cell": "x" * 200},
        {"at": "yesterday"},
        {"verdict": "liked"},
        {"generated_chars": -1},
    ],
)
def test_nothing_else_fits_in(wrong: dict[str, Any]) -> None:
    """No code, no words and no name of a person, and no nonsense."""
    with pytest.raises(ValidationError):
        FeedbackItem.model_validate({**ITEM, **wrong})


@pytest.mark.parametrize("count", [0, MAX_ITEMS + 1])
def test_a_request_is_bounded(count: int) -> None:
    """Neither nothing nor everything at once."""
    assert len(FeedbackRequest.model_validate({"items": [ITEM] * MAX_ITEMS}).items) == MAX_ITEMS
    with pytest.raises(ValidationError):
        FeedbackRequest.model_validate({"items": [ITEM] * count})
