"""Each server's way to say that a prompt is too long."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.engines.overflow import overflow_of

VLLM = (
    "This model's maximum context length is 2,048 tokens. However, your prompt contains at least 2049 input "
    "tokens, which exceeds this limit even without any output tokens. Please reduce the length."
)
VLLM_BOTH = (
    "This model's maximum context length is 2048 tokens. However, you requested 1500 output tokens and your "
    "prompt contains at least 700 input tokens, for a total of at least 2200 tokens."
)
VLLM_ROOM = "max_completion_tokens=6144 cannot be greater than max_model_len=2048. Request fewer tokens."
VLLM_HARMONY = (
    "The decoder prompt (length 20073) is longer than the maximum model length of 16384. "
    "Make sure that `max_model_len` is no smaller than the number of text tokens."
)
OPENAI = (
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. "
    "Please reduce the length of the messages."
)
LM_STUDIO = (
    "Trying to keep the first 10136 tokens when context the overflows. However, the model is loaded with "
    "context length of only 7866 tokens, which is not enough."
)
LM_STUDIO_KEEP = (
    "The number of tokens to keep from the initial prompt is greater than the context length "
    "(n_keep: 13055>= n_ctx: 4096)."
)
LLAMA = "request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it"
OLD_LLAMA = {
    "message": "the request exceeds the available context size. try increasing the context size",
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 14429,
    "n_ctx": 8192,
}
TGI = "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 more"


@pytest.mark.parametrize(
    ("body", "message", "numbers"),
    [
        (None, VLLM, (2049, 2048)),
        (None, VLLM_BOTH, (700, 2048)),
        (None, VLLM_ROOM, (None, 2048)),
        (None, VLLM_HARMONY, (20073, 16384)),
        (None, "Input length (8764) exceeds model's maximum context length (8192).", (8764, 8192)),
        (None, OPENAI, (9000, 8192)),
        (None, LM_STUDIO, (10136, 7866)),
        (None, LM_STUDIO_KEEP, (13055, 4096)),
        (None, LLAMA, (14429, 8192)),
        (None, TGI, (5000, 4096)),
        ({"error": OLD_LLAMA}, "", (14429, 8192)),
        ({"error": {"code": "context_length_exceeded"}}, "too much", (None, None)),
        (None, "prompt too long; exceeded max context length by 5 tokens", (None, None)),
        (None, "Context size has been exceeded", (None, None)),
    ],
)
def test_numbers(body: Any, message: str, numbers: tuple[int | None, int | None]) -> None:
    """The prompt's length and the window are read where the server tells them."""
    overflow = overflow_of(body, message)
    assert overflow
    assert (overflow.prompt_tokens, overflow.context_tokens) == numbers
    error = overflow.error()
    assert "does not fit" in error.message
    assert all(str(number) in error.message for number in numbers if number)
    assert error.hint


@pytest.mark.parametrize(
    "message", ["The model is overloaded", "Unexpected message role", "max_tokens is unknown", ""]
)
def test_other_refusals(message: str) -> None:
    """A complaint of something else is no overflow."""
    assert overflow_of({"error": {"message": message}}, message) is None
    assert overflow_of([1], message) is None
