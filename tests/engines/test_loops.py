"""A model that repeats itself is noticed; a model that writes much is not."""

from __future__ import annotations

import random
import time

import pytest

from gptoss_lab.engines.base import ContentDelta, ReasoningDelta
from gptoss_lab.engines.loops import _WINDOW_CHARS, LoopGuard

SENTENCE = "We need to group the rows by the city and then take the mean of the amount column. "


def stopped_after(text: str, *, content: bool, size: int = 5) -> int | None:
    """Return after how many characters a guard says stop; None where it never does."""
    guard = LoopGuard()
    kind = ContentDelta if content else ReasoningDelta
    for start in range(0, len(text), size):
        if guard.repeats(kind(text[start : start + size])):
            return start + size
    return None


@pytest.mark.parametrize("content", [True, False])
@pytest.mark.parametrize(
    "stretch", [SENTENCE, "Hmm. ", "x", SENTENCE + "Then " + SENTENCE.upper() + "But wait, "]
)
def test_a_loop_is_noticed(stretch: str, content: bool) -> None:
    """Whatever the length of the stretch, a loop ends within a few thousand characters."""
    text = "Let us think about it first. " + stretch * (12_000 // len(stretch))
    after = stopped_after(text, content=content)
    assert after is not None
    assert after < 4500
    if not content:
        assert after < 1200


def test_code_may_repeat_a_little() -> None:
    """A table of zeros, a line of dashes and a few equal lines are no loop."""
    code = "rows = [\n" + "    [0, 0, 0, 0, 0, 0, 0, 0],\n" * 50 + "]\n# " + "-" * 200 + "\n"
    assert stopped_after(code, content=True) is None


def test_texts_that_resemble_each_other_are_no_loop() -> None:
    """Numbered lines and other thoughts run on."""
    lines = "".join(f"Row {number}: the value is {number * 7919 % 1000}. " for number in range(2000))
    words = [str(word) for word in range(1000)]
    source = random.Random(7)  # noqa: S311 - any text will do
    thoughts = " ".join(source.choice(words) for _ in range(20_000))
    assert stopped_after(lines, content=False) is None
    assert stopped_after(thoughts, content=False) is None


def test_reasoning_and_content_are_apart() -> None:
    """A sentence that is thought and then written is not counted together."""
    guard = LoopGuard()
    for _ in range(4):
        assert not guard.repeats(ReasoningDelta(SENTENCE))
        assert not guard.repeats(ContentDelta(SENTENCE))


def test_memory_and_time_are_bounded() -> None:
    """A long answer is neither kept nor read again and again."""
    guard = LoopGuard()
    source = random.Random(3)  # noqa: S311 - as above
    deltas = [ContentDelta(f"{source.random()} ") for _ in range(60_000)]
    began = time.process_time()
    assert not any(guard.repeats(delta) for delta in deltas)
    assert time.process_time() - began < 2
    assert len(guard._content._text) <= _WINDOW_CHARS
    assert sum(map(len, guard._content._pieces)) < 512
