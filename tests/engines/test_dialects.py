"""Servers differ; the deltas do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.engines.base import ChatRequest, ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.engines.dialects import Dialect, error_message, read_chunk
from gptoss_lab.errors import EngineError, EngineProtocolError
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.generation import TokenUsage

MESSAGES = (ChatMessage(role="developer", content="rules"), ChatMessage(role="user", content="ask"))

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
    ("effort", "context", "prompt", "tokens"),
    [
        ("low", 32768, 0, 2048),
        ("medium", 32768, 1000, 6144),
        ("high", 32768, 20000, 12768),
        ("high", 8192, 0, 4096),
    ],
)
def test_completion_budget(effort: Any, context: int, prompt: int, tokens: int) -> None:
    """The effort sets the length of the answer, and the context bounds it."""
    request = ChatRequest(MESSAGES, effort, prompt)
    body = Dialect().body(request, "m", ModelConfig(context_tokens=context))
    assert body["max_completion_tokens"] == tokens
    assert body["reasoning_effort"] == effort
    assert "stop" not in body
    assert "tools" not in body


def test_adapted() -> None:
    """Each refusal takes one thing away; an unknown refusal is none of ours."""
    dialect: Dialect | None = Dialect()
    for refusal in (
        "Unknown role: developer",
        "unsupported: max_completion_tokens",
        "reasoning_effort",
        "stream_options",
    ):
        assert dialect
        dialect = dialect.adapted(refusal)
    assert dialect == Dialect("system", "max_tokens", sends_effort=False, sends_stream_options=False)
    body = dialect.body(ChatRequest(MESSAGES), "m", ModelConfig())
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "max_tokens" in body
    assert dialect.adapted("The model is overloaded") is None


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
