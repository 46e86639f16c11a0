"""Fit a prompt into the model's context, and say what was left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeVar

from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.chat import ChatMessage, completion_tokens

# Conservative: gpt-oss' own vocabulary needs fewer tokens for both.
_CHARS_PER_TOKEN = {"code": 3.2, "prose": 3.8}
_MAX_PROMPT_TOKENS = 24_000
_FRAME_TOKENS = 96  # the system message, and the roles and headers around the others

TextKind = Literal["code", "prose"]
Item = TypeVar("Item")


class Counter(Protocol):
    """Knows how many tokens texts and messages have."""

    def text(self, text: str, kind: TextKind = "code") -> int:
        """Return the tokens of a text."""

    def messages(self, messages: Sequence[ChatMessage], effort: Effort) -> int:
        """Return the tokens of a whole prompt, with all that the server puts around the messages."""


class Estimate:
    """Guesses from the number of characters: for a model whose vocabulary is not known."""

    def text(self, text: str, kind: TextKind = "code") -> int:
        """Return about how many tokens a text has; see `estimate_tokens`."""
        return estimate_tokens(text, kind)

    def messages(self, messages: Sequence[ChatMessage], effort: Effort) -> int:
        """Return about how many tokens a prompt has; the effort makes no difference."""
        del effort
        return _FRAME_TOKENS + sum(estimate_tokens(message.content) for message in messages)


def estimate_tokens(text: str, kind: TextKind = "code") -> int:
    """Return about how many tokens a text has; rather too many than too few.

    Characters outside of ASCII are counted one by one, as many scripts have no longer tokens.
    """
    wide = 0 if text.isascii() else sum(character > "\x7f" for character in text)
    return math.ceil((len(text) - wide) / _CHARS_PER_TOKEN[kind]) + wide


def prompt_room(effort: Effort, context_tokens: int) -> int:
    """Return how many tokens a prompt may have, so that an answer of this effort still fits."""
    return min(_MAX_PROMPT_TOKENS, context_tokens - completion_tokens(effort, context_tokens)) - _FRAME_TOKENS


def fitting(items: Sequence[Item], cost: Callable[[Item], int], room: int) -> tuple[list[Item], int]:
    """Take items, the most wanted first, while they fit; one that is too long is passed over.

    Returns:
        The items taken, in their order, and the tokens they cost.
    """
    taken, used = [], 0
    for item in items:
        tokens = cost(item)
        if used + tokens <= room:
            taken.append(item)
            used += tokens
    return taken, used
