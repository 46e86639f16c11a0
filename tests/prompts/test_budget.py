"""Token arithmetic."""

from __future__ import annotations

from gptoss_lab.prompts.budget import estimate_tokens, fitting, prompt_room


def test_estimate() -> None:
    """Code needs more tokens than prose, other scripts one for each character."""
    assert estimate_tokens("x" * 32) == 10
    assert estimate_tokens("x" * 38, "prose") == 10
    assert estimate_tokens("東京") == 2
    assert estimate_tokens("") == 0


def test_room_leaves_the_answer_its_place() -> None:
    """The room shrinks with the effort, and is bounded on a large context."""
    assert prompt_room("low", 32_768) <= 24_000
    assert prompt_room("high", 32_768) < prompt_room("medium", 32_768)
    assert prompt_room("high", 2048) + 1024 <= 2048


def test_fitting_passes_over_what_is_too_long() -> None:
    """A long item does not keep the shorter ones after it out."""
    assert fitting([3, 9, 2], lambda cost: cost, 5) == ([3, 2], 5)
