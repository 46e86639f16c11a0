"""Each family of servers gets what it takes."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.engines.base import ChatRequest
from gptoss_lab.engines.dialects import Dialect, dialect_of
from gptoss_lab.engines.families import Family
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig

MESSAGES = (ChatMessage(role="developer", content="rules"), ChatMessage(role="user", content="ask"))


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
    assert dialect
    body = dialect.body(ChatRequest(MESSAGES), "m", ModelConfig())
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body.keys() == {"model", "messages", "max_tokens", "temperature", "top_p", "stream"}
    assert dialect.adapted("The model is overloaded") is None


@pytest.mark.parametrize(
    ("family", "there", "missing"),
    [
        ("vllm", {"reasoning_effort", "cache_salt", "repetition_detection"}, {"chat_template_kwargs"}),
        ("llama_server", {"reasoning_effort", "chat_template_kwargs", "max_tokens"}, {"cache_salt"}),
        ("ollama", {"reasoning_effort", "max_tokens"}, {"cache_salt", "chat_template_kwargs"}),
        ("lm_studio", {"reasoning_effort", "max_tokens"}, {"repetition_detection"}),
        ("transformers", {"chat_template_kwargs", "max_tokens"}, {"reasoning_effort", "stream_options"}),
        ("generic", {"reasoning_effort", "max_completion_tokens"}, {"cache_salt", "repetition_detection"}),
    ],
)
def test_families(family: Family, there: set[str], missing: set[str]) -> None:
    """VLLM's own fields go to vLLM alone, and each gets the effort where it looks for it."""
    body = dialect_of(family).body(ChatRequest(MESSAGES, "high", cache_salt="s"), "m", ModelConfig())
    assert there <= body.keys()
    assert not (missing | {"stop", "tools", "structured_outputs"}) & body.keys()
    if "chat_template_kwargs" in there:
        assert body["chat_template_kwargs"] == {"reasoning_effort": "high"}


def test_the_window_bounds_the_answer() -> None:
    """The server's window counts where it is shorter than the configured context."""
    body = dialect_of("vllm").body(ChatRequest(MESSAGES, "high", 3000), "m", ModelConfig(), 4096)
    assert body["max_completion_tokens"] == 1096
    body = dialect_of("vllm").body(ChatRequest(MESSAGES, "low"), "m", ModelConfig(context_tokens=2048), 8192)
    assert body["max_completion_tokens"] == 1024
    assert (
        dialect_of("vllm").body(ChatRequest(MESSAGES, max_tokens=1), "m", ModelConfig())[
            "max_completion_tokens"
        ]
        == 1
    )


def test_a_salt_stands_in_no_representation() -> None:
    """What separates people's caches is not for logs."""
    assert "secret" not in repr(ChatRequest(MESSAGES, cache_salt="secret"))


def test_transformers_is_known_by_its_refusal() -> None:
    """It says nothing of itself but what it does not take."""
    adapted = Dialect().adapted("Unexpected fields in the request: {'stream_options'}")
    assert adapted
    assert adapted.family == "transformers"
    again = adapted.adapted("Unexpected fields in the request: {'seed'}")
    assert again
    assert "seed" not in again.body(ChatRequest(MESSAGES, seed=1), "m", ModelConfig())
