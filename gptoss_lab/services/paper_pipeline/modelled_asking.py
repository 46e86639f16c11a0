"""Ask a model for an answer that code reads: once more where it cannot be read, then no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gptoss_lab.prompts.paper import Messages, again
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.asking import WholeText
from gptoss_lab.services.paper_pipeline.modelled_answers import UnreadableAnswerError
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.pipeline.draft import written
from gptoss_lab.services.streams import closing

T = TypeVar("T")


@dataclass(slots=True)
class Reply(Generic[T]):
    """What came of a question.

    Attributes:
        value: What was read of the answer; None where neither answer could be read.
        text: The last answer.
        problem: Why it could not be read.
    """

    value: T | None = None
    text: str = ""
    problem: str = ""


async def ask(
    work: Work, messages: Messages, effort: Effort, read: Callable[[str], T], reply: Reply[T]
) -> AsyncIterator[Event]:
    """Ask, and once more with what was wrong; yield the reasoning and the usage.

    Args:
        work: The job.
        messages: The question.
        effort: How much the model may think.
        read: Reads an answer; it blocks, and raises UnreadableAnswerError.
        reply: Gets what came of it.

    Raises:
        EngineError: The model service failed.
        PromptTooLongError: The question does not fit into the server's window.
    """
    question = messages
    for _ in range(2):
        async with closing(_asked(work, question, effort, reply)) as events:
            async for event in events:
                yield event
        try:
            reply.value = await asyncio.to_thread(read, reply.text)
        except UnreadableAnswerError as error:
            reply.problem = str(error)
            question = again(messages, reply.text, reply.problem)
        else:
            reply.problem = ""
            return


async def _asked(work: Work, messages: Messages, effort: Effort, reply: Reply[T]) -> AsyncIterator[Event]:
    texts: list[WholeText] = []

    def listen() -> Answer:
        texts.append(WholeText(work.language))
        return Answer(texts[-1])

    own = work.run.run
    answer = work.model.converse(messages, effort, own.request.seed, listen)
    async with closing(written(own, answer)) as events:
        async for event in events:
            for told in own.once(event) if isinstance(event, Warn) else [event]:
                yield told
    reply.text = texts[-1].text if texts else ""
