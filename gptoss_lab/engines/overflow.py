"""Refusals that say that the prompt, or prompt and answer, are longer than the model's window."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gptoss_lab.errors import PromptTooLongError

_NUMBER = r"(\d[\d,]{0,11})"
# vLLM, llama-server, LM Studio (two of its engines), text-generation-inference, vLLM for gpt-oss.
_FORMS = (
    rf"context length is {_NUMBER} tokens.*?(?:contains|requested|resulted in) (?:at least )?{_NUMBER}",
    rf"request \({_NUMBER} tokens\) exceeds the available context size \({_NUMBER} tokens\)",
    rf"keep the first {_NUMBER} tokens.*?context length of only {_NUMBER}",
    rf"n_keep: ?{_NUMBER} ?>= ?n_ctx: ?{_NUMBER}",
    rf"must be <= {_NUMBER}\. Given: {_NUMBER} `?inputs",
    rf"prompt \(length {_NUMBER}\).*?maximum model length of {_NUMBER}",
    rf"input length \({_NUMBER}\) exceeds model's maximum context length \({_NUMBER}\)",
)
_CONTEXT_FIRST = (0, 4)
# vLLM, where the answer's room alone is larger than the window.
_ROOM = re.compile(rf"cannot be greater than max_\w+={_NUMBER}")
_INPUT = re.compile(
    rf"(?:prompt|messages|input)[^.]{{0,40}}? (?:at least )?{_NUMBER} (?:input )?tokens", re.IGNORECASE
)
_PATTERNS = tuple(re.compile(form, re.IGNORECASE | re.DOTALL) for form in _FORMS)
_WORDS = re.compile(
    r"maximum context length|exceeds? the (?:available |maximum |model'?s )?context"
    r"|context (?:size|length|window) (?:has been |is |was )?exceeded|context_length_exceeded"
    r"|exceed_context_size|context the overflows|prompt (?:is )?too long"
    r"|greater than the context length|longer than the (?:maximum|model)",
    re.IGNORECASE,
)
_MAX_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Overflow:
    """What a server says of a request that is too long; None where it does not say."""

    prompt_tokens: int | None = None
    context_tokens: int | None = None

    def error(self) -> PromptTooLongError:
        """Return the error that tells it to the person."""
        has, may = self.prompt_tokens, self.context_tokens
        told = f" of {has} tokens" if has else ""
        window = f" of {may} tokens" if may else ""
        return PromptTooLongError(
            f"The prompt{told} does not fit into the model's context{window}",
            prompt_tokens=has,
            context_tokens=may,
        )


def overflow_of(body: Any, message: str) -> Overflow | None:
    """Return what a refusal says of lengths; None where it complains of something else.

    Args:
        body: The refusal as JSON, or its text.
        message: The sentence in it.
    """
    error = body.get("error", body) if isinstance(body, dict) else {}
    if isinstance(error, dict) and isinstance(error.get("n_ctx"), int):
        return Overflow(_whole(error.get("n_prompt_tokens")), _whole(error["n_ctx"]))
    text = message[:_MAX_CHARS]
    if isinstance(error, dict):
        text = f"{text} {error.get('type', '')} {error.get('code', '')}"
    for place, pattern in enumerate(_PATTERNS):
        if match := pattern.search(text):
            first, second = (int(number.replace(",", "")) for number in match.groups())
            context, prompt = (first, second) if place in _CONTEXT_FIRST else (second, first)
            return Overflow(_input(text) or prompt, context)
    if match := _ROOM.search(text):
        return Overflow(None, int(match[1].replace(",", "")))
    return Overflow() if _WORDS.search(text) else None


def _input(text: str) -> int | None:
    """Return the prompt's own share, where the server counted the answer's room with it."""
    match = _INPUT.search(text)
    return int(match[1].replace(",", "")) if match else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
