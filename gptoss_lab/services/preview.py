"""Show what a request would send to the model, without asking it."""

from __future__ import annotations

from typing import Protocol

from gptoss_lab.prompts.layout import Prompt
from gptoss_lab.schemas.events import Warn
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.prompts import PromptPreview
from gptoss_lab.services.edits import check_edit
from gptoss_lab.services.generators.base import Brief, CellGenerator
from gptoss_lab.services.generators.prompting import Setting
from gptoss_lab.services.owners import OWNER
from gptoss_lab.services.pipeline.choices import PLAIN, Choices
from gptoss_lab.services.pipeline.collect import collect
from gptoss_lab.services.pipeline.ports import Corpora, Executor
from gptoss_lab.services.pipeline.retrieve import retrieve
from gptoss_lab.services.pipeline.run import Run
from gptoss_lab.services.streams import closing

_NOT_SENT = "No model answers now. This is what one would be sent; nothing leaves this server."
_EXAMPLES = "The documentation's examples were asked for, so that nothing of this is sent."


class Previewed(CellGenerator, Protocol):
    """A generator that shows its prompt.

    Attributes:
        templates: The version of its templates.
        answers: Whether a model is there that would be asked.
    """

    @property
    def templates(self) -> str:
        """Return the version of its templates."""

    @property
    def answers(self) -> bool:
        """Say whether a model would be asked."""

    async def prompt(self, brief: Brief) -> tuple[Prompt, Setting]:
        """Return what would be sent, and for which model.

        Raises:
            EngineError: The service does not say which model answers.
            TooLargeError: The task does not fit into the model's context.
        """


class Previewers(Protocol):
    """Whoever knows which model would be asked."""

    def previewed(self) -> Previewed:
        """Return the generator that would be, or one that stands in for it."""


class PreviewService:
    """Runs the stages of a generation that lead to its prompt, and no further.

    Args:
        corpora: The indexed documentation.
        executor: The sandbox, for what is installed in it.
        models: Knows which model would be asked.
        choices: What whoever runs the server has decided.
    """

    def __init__(
        self, *, corpora: Corpora, executor: Executor, models: Previewers, choices: Choices = PLAIN
    ) -> None:
        self._corpora = corpora
        self._executor = executor
        self._models = models
        self._choices = choices

    async def preview(self, request: CodeGenerationRequest, owner: str) -> PromptPreview:
        """Return the prompt that the request would have, if this person sent it now.

        Raises:
            RequestError: The edit could not be carried out.
            DocumentError: None of the sources could be read.
            EngineError: The model service does not say which model answers.
            TooLargeError: The task does not fit into the model's context.
        """
        check_edit(request)
        known = OWNER.set(owner)  # their last prompts are part of the next
        try:
            return await self._previewed(request)
        finally:
            OWNER.reset(known)

    async def _previewed(self, request: CodeGenerationRequest) -> PromptPreview:
        generator = self._models.previewed()
        run = Run(request, self._corpora, self._executor, generator, is_preview=True, choices=self._choices)
        notes: list[str] = []
        for stage in (collect, retrieve):
            async with closing(stage(run)) as events:
                notes += [_told(event) async for event in events if isinstance(event, Warn)]
        prompt, setting = await generator.prompt(run.brief)
        notes += [f"The model does not see {part}: its context is too short." for part in prompt.cut]
        by_examples = request.generator == "examples"
        if by_examples or not generator.answers:
            notes.insert(0, _EXAMPLES if by_examples else _NOT_SENT)
        return PromptPreview(
            generator="model" if generator.answers and not by_examples else "examples",
            model=setting.model,
            effort=setting.effort,
            messages=prompt.messages,
            prompt_tokens=prompt.prompt_tokens,
            context_tokens=setting.window,
            templates=generator.templates,
            notes=tuple(notes),
        )


def _told(warning: Warn) -> str:
    return f"{warning.message} {warning.hint}".strip()
