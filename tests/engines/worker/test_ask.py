"""What a chat request asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.engines.worker.ask import Ask, read_ask
from gptoss_lab.engines.worker.faults import Refused
from gptoss_lab.engines.worker.generate import Repetition, Sampling
from gptoss_lab.engines.worker.prompt import Turn


def ask(**fields: Any) -> Ask:
    """Read a request with these fields beside a message."""
    return read_ask(json.dumps({"messages": [{"role": "user", "content": "Hi"}], **fields}).encode(), "m")


def test_all_that_we_send_is_read() -> None:
    """The form of our own client, and the rules that vLLM adds."""
    asked = ask(
        model="m",
        reasoning_effort="high",
        max_completion_tokens=7,
        temperature=0,
        top_p=0.5,
        seed=3,
        stream=True,
        stream_options={"include_usage": True},
        cache_salt="ann",
        repetition_detection={"max_pattern_size": 64, "min_pattern_size": 8, "min_count": 4},
    )
    assert asked == Ask(
        (Turn("user", "Hi"),), "high", True, 7, Sampling(0.0, 0.5, seed=3), Repetition(64, 8, 4), "ann"
    )


def test_parts_of_a_text_are_joined_and_earlier_reasoning_is_dropped() -> None:
    """Only the content of an answer goes back to the model."""
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": "c", "reasoning": "secret thoughts"},
    ]
    assert ask(messages=messages).turns == (Turn("user", "ab"), Turn("assistant", "c"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reasoning_effort": "minimal"}, "supported values are low, medium, high"),
        ({"reasoning_effort": ["low"]}, "reasoning_effort"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": ["Hi"]}, "role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "role"),
        ({"messages": [{"role": "user", "content": None}]}, "content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "content"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"seed": 1.5}, "seed"),
        ({"seed": 1 << 70}, "seed"),
        ({"max_completion_tokens": 0}, "max_completion_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"stream": "yes"}, "stream"),
        ({"n": 2}, "n must be 1"),
        ({"tools": [{}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"repetition_detection": 3}, "repetition_detection"),
        ({"repetition_detection": {"max_pattern_size": 1 << 20}}, "max_pattern_size"),
        ({"cache_salt": 3}, "cache_salt"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(fields: dict[str, Any], words: str) -> None:
    """With the name of the field, and nothing of what the person wrote."""
    with pytest.raises(Refused) as refused:
        ask(**fields)
    assert refused.value.status == 400
    assert words in refused.value.message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """However deep or broken."""
    with pytest.raises(Refused) as refused:
        read_ask(body, "m")
    assert refused.value.status == 400


def test_another_model_is_not_found() -> None:
    """As vLLM says it."""
    with pytest.raises(Refused) as refused:
        ask(model="gpt-4")
    assert refused.value.status == 404
