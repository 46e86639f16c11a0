"""An answer is read whole, and its usage told once."""

from __future__ import annotations

import json

from gptoss_lab.engines.answer import AnswerReader
from gptoss_lab.engines.base import ContentDelta, Finished, UsageDelta
from gptoss_lab.schemas.generation import TokenUsage


def event(text: str, reason: str | None, cached: int | None) -> bytes:
    """Return an event with a usage, as vLLM sends with each token."""
    usage = {"prompt_tokens": 9, "completion_tokens": 1}
    details = {"prompt_tokens_details": {"cached_tokens": cached}} if cached is not None else {}
    choices = [{"delta": {"content": text}, "finish_reason": reason}] if text or reason else []
    return f"data: {json.dumps({'choices': choices, 'usage': usage | details})}\n\n".encode()


STREAM = [event("a", None, None), event("b", None, None), event("", "stop", None), event("", None, 8)]
WHOLE = UsageDelta(TokenUsage(prompt_tokens=9, completion_tokens=1, cached_tokens=8))


def test_a_usage_with_each_token() -> None:
    """The last one counts, it comes at the end, and the text between is joined."""
    reader = AnswerReader()
    deltas = reader.feed(b"".join(STREAM) + b"data: [DONE]\n\n")
    assert deltas == [ContentDelta("ab"), Finished("stop"), WHOLE]
    assert reader.done


def test_an_end_without_a_mark() -> None:
    """Where a server ends without a word the usage is told all the same, once."""
    reader = AnswerReader()
    deltas = [delta for piece in STREAM for delta in reader.feed(piece)] + reader.finish()
    assert [delta for delta in deltas if isinstance(delta, UsageDelta)] == [WHOLE]
    assert reader.fault is None


def test_a_fault_after_tokens() -> None:
    """What was consumed before a fault is told."""
    reader = AnswerReader()
    deltas = reader.feed(STREAM[0] + b"data: nonsense\n\n")
    assert any(isinstance(delta, UsageDelta) for delta in deltas)
    assert reader.fault
