"""A generator over a model that answers each kind of question about a paper with what a test gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.errors import GptossError
from gptoss_lab.prompts.budget import Counter, Estimate
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.events import CellClose, Event, Progress
from gptoss_lab.schemas.generation import GeneratedCell, TokenUsage
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.base import Brief, Ticket
from gptoss_lab.services.generators.prompting import Setting
from tests.fakes.generation import ScriptedGenerator

KINDS = {
    '{"units":': "units",
    '{"config":': "plan",
    '{"verdicts":': "review",
    "cell of small tests": "tests",
    "Write one ": "cell",
}
Answers = Mapping[str, Sequence[str] | Callable[[str], str]]


@dataclass
class TalkingGenerator(ScriptedGenerator):
    """Answers `units`, `plan`, `cell`, `tests` and `review` in turn; the last answer of a kind is repeated.

    Attributes:
        answers: Texts, or what makes one of the question.
        asked: Kind, messages and effort of each question.
        faults: What is raised instead of the answer of a kind, one after the other.
        left: The kinds of questions that were given up while they were answered.
        mend: Rewrites a cell that failed; without it cells stay as they are.
    """

    answers: Answers = field(default_factory=dict)
    window: int = 16_384
    asked: list[tuple[str, tuple[ChatMessage, ...], Effort]] = field(default_factory=list)
    faults: Mapping[str, list[GptossError]] = field(default_factory=dict)
    wording: Wording = field(default_factory=Wording)
    mend: Callable[[GeneratedCell], str] | None = None
    repair_briefs: list[Brief] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncIterator[Event]:
        assert cells
        assert round_number
        self.repair_briefs.append(brief)
        self.tickets.append(tickets)
        for ticket in tickets:
            source = self.mend(ticket.cell) if self.mend else ticket.cell.source
            yield CellClose(cell=ticket.cell.id, source=source)

    async def waited(self) -> AsyncIterator[Event]:
        yield Progress(stage="prompt", message="waiting for the model")

    def setting(self, effort: Effort) -> Setting:
        return Setting(self.model, self.window, effort)

    def counter(self) -> Counter:
        return Estimate()

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        effort: Effort,
        seed: int | None,
        listen: Callable[[], Answer],
    ) -> AsyncIterator[Event]:
        del seed
        question = next(message for message in reversed(messages) if "\n# Task\n" in message.content)
        kind = next(name for text, name in KINDS.items() if text in question.content)
        self.asked.append((kind, tuple(messages), effort))
        if self.faults.get(kind):
            raise self.faults[kind].pop(0)
        answer = listen()
        text = self._answer(kind, question.content)
        deltas: tuple[ChatDelta, ...] = (
            ReasoningDelta("Let me see."),
            *(ContentDelta(text[start : start + 17]) for start in range(0, len(text), 17)),
            UsageDelta(TokenUsage(prompt_tokens=10, completion_tokens=5)),
            Finished("stop"),
        )
        try:
            for delta in deltas:
                for event in answer.take(delta):
                    yield event
        except GeneratorExit:
            self.left.append(kind)
            raise
        for event in (*answer.finish(), *answer.warnings()):
            yield event

    def kinds(self) -> list[str]:
        """Return what was asked, in order."""
        return [kind for kind, _, _ in self.asked]

    def _answer(self, kind: str, question: str) -> str:
        given = self.answers.get(kind, ())
        if callable(given):
            return given(question)
        count = sum(asked == kind for asked, _, _ in self.asked)
        return given[min(count, len(given)) - 1] if given else ""
