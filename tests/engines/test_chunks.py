"""Servers differ; the deltas do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.engines.base import ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.engines.chunks import error_message, read_chunk
from gptoss_lab.errors import EngineError, EngineProtocolError, PromptTooLongError
from gptoss_lab.schemas.generation import TokenUsage

USAGE = json.dumps({
    "choices": [],
    "usage": {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "prompt_tokens_details": None,
        "completion_tokens_details": {"reasoning_tokens": 2},
    },
})


def choice(delta: Any, reason: str | None = None) -> str:
    """Return a chunk with one choice."""
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


@pytest.mark.parametrize(
    ("data", "deltas"),
    [
        (choice({"reasoning": "a"}), [ReasoningDelta("a")]),
        (choice({"reasoning_content": "a"}), [ReasoningDelta("a")]),
        (choice({"reasoning": "a", "reasoning_content": "a"}), [ReasoningDelta("a")]),
        (choice({"content": "b", "reasoning": None}), [ContentDelta("b")]),
        (choice({"role": "assistant", "content": None}), []),
        (choice({}, "repetition"), [Finished("repetition")]),
        (choice(None, "length"), [Finished("length")]),
        (choice({"content": ["x"]}), []),
        ('{"choices": []}', []),
        ('{"choices": null}', []),
        (
            USAGE,
            [UsageDelta(TokenUsage(prompt_tokens=5, completion_tokens=3, reasoning_tokens=2))],
        ),
    ],
)
def test_read_chunk(data: str, deltas: list[object]) -> None:
    """Each form of a chunk gives the same deltas."""
    assert read_chunk(data) == deltas


@pytest.mark.parametrize("data", ["Internal Server Error", "[]", "3", "{", "[" * 100_000])
def test_what_is_no_chunk(data: str) -> None:
    """Something else than a JSON object is a fault of the protocol."""
    with pytest.raises(EngineProtocolError):
        read_chunk(data)


def test_error_object() -> None:
    """A failure inside the stream carries the server's own words."""
    with pytest.raises(EngineError, match="out of memory"):
        read_chunk('{"error": {"message": "out of\\nmemory", "code": 500}}')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "a\n b"}}, "a b"),
        ({"error": "plain"}, "plain"),
        ({"detail": [{"loc": ["x"], "msg": "bad"}]}, '[{"loc": ["x"], "msg": "bad"}]'),
        ({"object": "error", "message": "m"}, "m"),
        ("text\x1b[31m", "text[31m"),
        (None, "None"),
        ("x" * 1000, "x" * 300 + "…"),
    ],
)
def test_error_message(body: Any, message: str) -> None:
    """Every form of an error becomes one short printable line."""
    assert error_message(body) == message


def test_speculation() -> None:
    """What was drafted and accepted is told where a server says it, in OpenAI's or llama.cpp's words."""
    usage = {"completion_tokens_details": {"accepted_prediction_tokens": 3, "rejected_prediction_tokens": 1}}
    expected = [UsageDelta(TokenUsage(drafted_tokens=4, accepted_tokens=3))]
    assert read_chunk(json.dumps({"choices": [], "usage": usage})) == expected
    timings = {"draft_n": 4, "draft_n_accepted": 3}
    assert read_chunk(json.dumps({"choices": [], "usage": {}, "timings": timings})) == expected


def test_an_overflow_inside_the_stream() -> None:
    """A server that refuses a long prompt only inside the stream is understood there too."""
    message = "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it"
    with pytest.raises(PromptTooLongError) as caught:
        read_chunk(json.dumps({"error": {"message": message}}))
    assert (caught.value.prompt_tokens, caught.value.context_tokens) == (9000, 4096)


def test_half_a_character_is_read() -> None:
    """JSON may hold half of a surrogate pair: the event is not lost for it."""
    assert read_chunk('{"choices": [{"delta": {"content": "\\ud83c"}}]}') == [ContentDelta("\ud83c")]
