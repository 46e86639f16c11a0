"""The phases of a model in words."""

from __future__ import annotations

from typing import get_args

import pytest

from gptoss_lab.schemas.model import EnginePhase, EngineProgress
from gptoss_lab.services.model_words import phase_words, progress_words


def test_every_phase_has_words() -> None:
    """None is shown as its code."""
    assert all("_" not in phase_words(phase) for phase in get_args(EnginePhase))


@pytest.mark.parametrize(
    ("phase", "progress", "words"),
    [
        ("compiling", None, "compiling"),
        ("warming", EngineProgress(), "warming up"),
        (
            "loading_weights",
            EngineProgress(percent=42.6, remaining_s=19.7),
            "loading weights 43 %, about 20 s",
        ),
        ("compiling", EngineProgress(percent=5, remaining_s=0.2), "compiling 5 %, about 1 s"),
        ("compiling", EngineProgress(percent=5, remaining_s=600), "compiling 5 %, about 10 min"),
        (
            "downloading",
            EngineProgress(percent=20, done_bytes=2_000_000_000, total_bytes=13_800_000_000),
            "downloading the weights 2.0 of 13.8 GB",
        ),
    ],
)
def test_progress_is_told_with_what_is_known(
    phase: EnginePhase, progress: EngineProgress | None, words: str
) -> None:
    """Bytes while they are downloaded, else the percent and the time that is left."""
    assert progress_words(phase, progress) == words
