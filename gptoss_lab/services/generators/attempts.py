"""Ask a model, and once more at a lower effort where it reasoned without an end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from gptoss_lab.engines.base import ChatEngine, ChatRequest, NamesServer
from gptoss_lab.errors import EngineError
from gptoss_lab.schemas.events import Event, Usage, Warn
from gptoss_lab.schemas.generation import TokenUsage
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.answer_warnings import lower_effort_warning

_LIKE_THE_COUNT = 0.6  # a guess of the prompt's length is too long by a third at most


async def answered(
    engine: ChatEngine, request: ChatRequest, listen: Callable[[], Answer]
) -> AsyncGenerator[Event, None]:
    """Yield the events of an answer. A `Usage` event states what all that was asked has consumed.

    Args:
        engine: The model service.
        request: What to ask.
        listen: Makes what turns one answer into events.

    Raises:
        EngineError: The service failed; cells closed before stay valid.
        PromptTooLongError: The prompt does not fit into the server's window.
    """
    answer, spent = listen(), TokenUsage()
    async with aclosing(_attempt(engine, request, answer)) as events:
        async for event in events:
            if isinstance(event, Usage):
                spent = event.usage
            yield event
    lower = answer.lower_effort(request.effort)
    if lower is not None:
        yield lower_effort_warning(answer.reason, request.effort, lower)
        for removal in answer.taken_back():
            yield removal
        answer = listen()
        async with aclosing(_attempt(engine, replace(request, effort=lower), answer)) as events:
            async for event in events:
                yield Usage(usage=spent + event.usage) if isinstance(event, Usage) else event
    for warning in (*answer.warnings(), *_shortened(engine, request, spent)):
        yield warning


def _shortened(engine: ChatEngine, request: ChatRequest, spent: TokenUsage) -> list[Warn]:
    """Return a warning where the server read less than it was sent: Ollama does not say so itself."""
    cuts = isinstance(engine, NamesServer) and engine.server == "ollama"
    if not cuts or not 0 < spent.prompt_tokens < request.prompt_tokens * _LIKE_THE_COUNT:
        return []
    return [
        Warn(
            message=f"The model server read {spent.prompt_tokens} of about {request.prompt_tokens} tokens of "
            "the prompt: it cut the rest off, the instructions and documentation first.",
            hint="Raise its context (OLLAMA_CONTEXT_LENGTH), or set context_tokens to what it has.",
        )
    ]


async def _attempt(engine: ChatEngine, request: ChatRequest, answer: Answer) -> AsyncGenerator[Event, None]:
    try:
        async with aclosing(engine.stream(request)) as deltas:
            async for delta in deltas:
                for event in answer.take(delta):
                    yield event
    except EngineError:
        for event in answer.abort():
            yield event
        raise
    for event in answer.finish():
        yield event
