"""What travels between prompts and engines."""

from __future__ import annotations

from typing import Literal

from gptoss_lab.schemas.base import Effort, Wire

Role = Literal["developer", "system", "user", "assistant"]

# Reasoning counts as completion, so a higher effort needs more room to come to an answer.
_COMPLETION_TOKENS: dict[Effort, int] = {"low": 2048, "medium": 6144, "high": 16_384}


class ChatMessage(Wire):
    """One message of a conversation with a model."""

    role: Role
    content: str


def completion_tokens(effort: Effort, context_tokens: int) -> int:
    """Return how many tokens of the context an answer may take, reasoning included."""
    return min(_COMPLETION_TOKENS[effort], context_tokens // 2)
