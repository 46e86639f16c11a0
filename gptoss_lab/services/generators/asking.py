"""Questions that are no task of a notebook: their messages are laid out by whoever asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, runtime_checkable

from gptoss_lab.drafts.cells import Closed, FenceEvent
from gptoss_lab.drafts.fences import Reading
from gptoss_lab.prompts.budget import Counter
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.base import Effort, Language
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.schemas.generation import CellKind
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.prompting import Setting


@runtime_checkable
class Converses(Protocol):
    """A generator that takes messages of any kind. It offers the model no tools.

    Attributes:
        wording: What its prompts are written by.
    """

    @property
    def wording(self) -> Wording:
        """Return what its prompts are written by."""

    def waited(self) -> AsyncIterator[Event]:
        """Yield what the model is waited for with, until it is there and its window is known.

        Raises:
            EngineError: It could not be brought up, or does not say which model answers.
        """

    def setting(self, effort: Effort) -> Setting:
        """Return what prompts depend on now."""

    def counter(self) -> Counter:
        """Return what counts tokens for its model."""

    def converse(
        self,
        messages: Sequence[ChatMessage],
        effort: Effort,
        seed: int | None,
        listen: Callable[[], Answer],
    ) -> AsyncIterator[Event]:
        """Yield the events of an answer; its usage is that of this question.

        Args:
            messages: The conversation.
            effort: How much the model may think; it is asked once more at a lower one where it only thought.
            seed: Makes the answer the same again, where the service takes one.
            listen: Makes what turns one answer into events.

        Raises:
            EngineError: The model service failed.
            PromptTooLongError: The messages do not fit into the server's window.
        """


class WholeText:
    """Keeps an answer as one text, and makes no cells of it.

    Attributes:
        text: The answer, once it has ended.
    """

    reading: Reading = "prose"

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.complete = False
        self.kept: dict[str, CellKind] = {}
        self.unknown: dict[str, None] = {}
        self.text = ""

    def take(self, event: FenceEvent) -> list[Event]:
        """Return nothing; note the text."""
        if isinstance(event, Closed):
            self.text += event.source
        return []

    def finish(self) -> list[Event]:
        """Return nothing: a text has no cells."""
        return []

    def warnings(self) -> list[Warn]:
        """Return nothing: whoever asked reads the text."""
        return []
