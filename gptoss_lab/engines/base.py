"""The Protocol of a model service, and what it streams."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.generation import TokenUsage


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation to continue.

    Attributes:
        prompt_tokens: Its length, counted or estimated.
        cache_salt: Whose cached prefixes may serve it; empty shares them with everybody.
        max_tokens: The most that the answer may have; None takes what the effort needs.
    """

    messages: tuple[ChatMessage, ...]
    effort: Effort = "medium"
    prompt_tokens: int = 0
    seed: int | None = None
    cache_salt: str = field(default="", repr=False)
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ContentDelta:
    """A piece of the model's answer."""

    text: str


@dataclass(frozen=True, slots=True)
class UsageDelta:
    """What the request has consumed so far; a later one replaces an earlier one."""

    usage: TokenUsage


@dataclass(frozen=True, slots=True)
class Finished:
    """The model has stopped: `stop`, `length`, `repetition`, `content_filter` or the server's own word."""

    reason: str


ChatDelta = ReasoningDelta | ContentDelta | UsageDelta | Finished


class ChatEngine(Protocol):
    """A model service. `model` is empty until it is known."""

    name: str

    @property
    def model(self) -> str:
        """The model's name."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Stream the answer. Closing the iterator stops the model.

        Pieces go out as they arrive; those that arrived together are joined, so that a slow
        reader gets fewer and longer ones.

        Raises:
            EngineError: The service failed; what was yielded before stays valid.
        """

    async def models(self) -> list[str]:
        """Return the names of the models that the service offers.

        Raises:
            EngineError: The service failed.
        """

    async def close(self) -> None:
        """Give the connections back."""


@runtime_checkable
class KnowsServer(Protocol):
    """An engine that learns what its server is, from what it says of its models.

    Attributes:
        is_known: It was asked what it is.
        context_tokens: The server's window; None where it is not known.
        caches_prefixes: The server keeps prefixes for later requests and gains from one sent ahead.
    """

    is_known: bool
    context_tokens: int | None
    caches_prefixes: bool


@runtime_checkable
class NamesServer(Protocol):
    """An engine that knows the family of its server, "generic" until it does."""

    @property
    def server(self) -> str:
        """The family of the server."""
