"""No half of a character gets through."""

from __future__ import annotations

from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta
from gptoss_lab.engines.surrogates import PairJoiner


def mended(*deltas: ChatDelta) -> list[ChatDelta]:
    """Return what a joiner lets through, delta by delta."""
    joiner = PairJoiner()
    return [out for delta in deltas for out in joiner.mend([delta])]


def test_halves_in_two_deltas() -> None:
    """Two halves become one character, also with reasoning between them."""
    between = ReasoningDelta("é")
    out = mended(ContentDelta("a\ud83c"), between, ContentDelta("\udf21b"), Finished("stop"))
    assert out == [ContentDelta("a"), between, ContentDelta("🌡b"), Finished("stop")]


def test_a_half_alone() -> None:
    """A half that stays alone becomes a mark that it was broken."""
    assert mended(ContentDelta("\udf21b")) == [ContentDelta("�b")]
    assert mended(ContentDelta("a\ud83c"), ContentDelta("b")) == [ContentDelta("a"), ContentDelta("�b")]


def test_whole_text_passes() -> None:
    """Text without halves is handed on as it is."""
    assert mended(ContentDelta("東京 🌡"), ContentDelta("abc")) == [
        ContentDelta("東京 🌡"),
        ContentDelta("abc"),
    ]
