"""A short list of the calls that a model would use, asked for before the documentation is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gptoss_lab.engines.base import ChatEngine, ChatRequest, ContentDelta, UsageDelta
from gptoss_lab.prompts.budget import estimate_tokens
from gptoss_lab.prompts.sketch import sketch_messages
from gptoss_lab.schemas.generation import CodeGenerationRequest, TokenUsage

# A list of calls is short; what it must not become is an answer.
MAX_TOKENS = 768


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a model wrote, and what that consumed."""

    text: str
    usage: TokenUsage


@runtime_checkable
class Sketches(Protocol):
    """A generator that may be asked which calls it would use.

    Attributes:
        sketches: It is configured to be asked, and can answer now.
    """

    @property
    def sketches(self) -> bool:
        """Say whether to ask."""

    async def sketch(self, request: CodeGenerationRequest, names: Sequence[str]) -> Sketch:
        """Return the calls that it would use; cancelling it stops the model.

        Raises:
            EngineError: The model service failed.
        """


async def sketched(
    engine: ChatEngine, request: CodeGenerationRequest, names: Sequence[str], salt: str = ""
) -> Sketch:
    """Ask a model, at low effort, for the calls that it would use.

    Raises:
        EngineError: The model service failed.
    """
    messages = sketch_messages(request.task, request.context.cells, names)
    size = sum(estimate_tokens(message.content, "prose") for message in messages)
    asked = ChatRequest(messages, "low", size, request.seed, salt, MAX_TOKENS)
    parts, usage = list[str](), TokenUsage()
    async with aclosing(engine.stream(asked)) as deltas:
        async for delta in deltas:
            if isinstance(delta, ContentDelta):
                parts.append(delta.text)
            elif isinstance(delta, UsageDelta):
                usage = delta.usage
    return Sketch("".join(parts), usage)
