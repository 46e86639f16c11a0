"""The generator that asks the model, made for one request from how the model stands then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.errors import GptossError
from gptoss_lab.prompts.budget import Counter
from gptoss_lab.prompts.layout import Prompt
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import Event, Progress
from gptoss_lab.schemas.generation import CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.base import Brief, Ticket
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.generators.prompting import Prompting, Setting
from gptoss_lab.services.generators.sketch import Sketch
from gptoss_lab.services.preview import Previewed
from gptoss_lab.services.served_engine import ServedEngine


class Model(Protocol):
    """Whoever knows how the model stands."""

    def engine(self, *, asked: bool = False) -> ChatEngine | None:
        """Return who answers now."""

    def absence(self) -> GptossError:
        """Return why nobody does."""

    def failed(self) -> bool:
        """Say whether a model was wanted and could not be brought up."""

    def answering(self) -> ModelConfig:
        """Return the configuration of the model that answers."""


class ServedGenerator:
    """Waits for the hosted model, telling how far it has come, then lets it write.

    The prompt is laid out when the model is there: before, its window is not known.
    """

    name: GeneratorName = "model"
    can_repair = True
    answers = True
    draws_seed = True

    def __init__(self, engine: ServedEngine, model: Model, prompting: Prompting) -> None:
        self._engine = engine
        self._model = model
        self._prompting = prompting

    @property
    def model(self) -> str:
        """The name under which it answers."""
        return self._engine.model

    @property
    def templates(self) -> str:
        """The version of the templates of its prompts."""
        return self._prompting.wording.templates.version

    @property
    def sketches(self) -> bool:
        """Say whether to ask which calls it would use; a model that is not loaded is not waited for here."""
        return self._model.answering().sketch and self._engine.is_known

    async def sketch(self, request: CodeGenerationRequest, names: Sequence[str]) -> Sketch:
        """Return the calls that it would use; see `Sketches.sketch`.

        Raises:
            EngineError: The model service failed.
        """
        return await self._generator().sketch(request, names)

    async def draft(self, brief: Brief) -> AsyncGenerator[Event, None]:
        """Generate cells; see `CellGenerator.draft`.

        Raises:
            EngineError: The model could not be brought up, or failed; cells closed before stay valid.
            TooLargeError: The task does not fit into the model's context.
        """
        async with aclosing(self.waited()) as waiting:
            async for event in waiting:
                yield event
        async with aclosing(self._generator().draft(brief)) as events:
            async for event in events:
                yield event

    @property
    def wording(self) -> Wording:
        """What its prompts are written by."""
        return self._prompting.wording

    def setting(self, effort: Effort) -> Setting:
        """Return what prompts depend on now."""
        return self._generator().setting(effort)

    def counter(self) -> Counter:
        """Return what counts tokens for its model."""
        return self._prompting.prefixes.counting.counter(self.model)

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        effort: Effort,
        seed: int | None,
        listen: Callable[[], Answer],
    ) -> AsyncGenerator[Event, None]:
        """Yield the events of an answer; see `Converses.converse`.

        Raises:
            EngineError: The model service failed.
            PromptTooLongError: The messages do not fit into the server's window.
        """
        async with aclosing(self._generator().converse(messages, effort, seed, listen)) as events:
            async for event in events:
                yield event

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncGenerator[Event, None]:
        """Rewrite the cells of the tickets; see `CellGenerator.repair`.

        Raises:
            EngineError: The model service failed.
        """
        async with aclosing(self._generator().repair(brief, cells, tickets, round_number)) as events:
            async for event in events:
                yield event

    async def prompt(self, brief: Brief) -> tuple[Prompt, Setting]:
        """Return what `draft` would send now, and for which model; one that is not loaded is not waited for.

        Raises:
            TooLargeError: The task does not fit into the model's context.
        """
        effort = brief.request.effort or self._model.answering().effort
        setting = replace(self._generator().setting(effort), model=self.model)
        return await asyncio.to_thread(self._prompting.draft, brief, setting), setting

    def _generator(self) -> ModelGenerator:
        return ModelGenerator(self._engine, self._model.answering(), self._prompting)

    async def waited(self) -> AsyncGenerator[Event, None]:
        """Yield how far the model has come, until it is there; see `Converses.waited`.

        Raises:
            EngineError: It could not be brought up.
        """
        async with aclosing(self._engine.waiting()) as notes:
            async for words, progress in notes:
                known = progress is not None and progress.percent is not None
                yield Progress(
                    stage="prompt",
                    message=f"waiting for the model: {words}",
                    done=round(progress.percent or 0) if progress and known else 0,
                    total=100 if known else 0,
                )
        await self._generator().resolve()


class Unanswered:
    """Stands in for a model where none answers: it shows what one would be sent, and writes nothing."""

    name: GeneratorName = "model"
    can_repair = False
    answers = False

    def __init__(self, model: Model, prompting: Prompting) -> None:
        self._config = model.answering()
        self.model = self._config.name
        self._absence = model.absence
        self._prompting = prompting

    @property
    def templates(self) -> str:
        """The version of the templates of its prompts."""
        return self._prompting.wording.templates.version

    def draft(self, brief: Brief) -> AsyncGenerator[Event, None]:
        """Refuse.

        Raises:
            GptossError: Always: why no model answers.
        """
        del brief
        raise self._absence()

    def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncGenerator[Event, None]:
        """Refuse.

        Raises:
            GptossError: Always: why no model answers.
        """
        del brief, cells, tickets, round_number
        raise self._absence()

    async def prompt(self, brief: Brief) -> tuple[Prompt, Setting]:
        """Return what a model as it is configured would be sent.

        Raises:
            TooLargeError: The task does not fit into its context.
        """
        config = self._config
        setting = Setting(self.model, config.context_tokens, brief.request.effort or config.effort)
        return await asyncio.to_thread(self._prompting.draft, brief, setting), setting


class ModelGenerators:
    """Says for each request which generator asks the model, if any."""

    def __init__(self, model: Model, wording: Wording | None = None) -> None:
        self._model = model
        self._prompting = Prompting(wording=wording or Wording())

    async def close(self) -> None:
        """End what is sent ahead for a next question."""
        await self._prompting.prefixes.close()

    def generator(self, *, asked: bool) -> ModelGenerator | ServedGenerator | None:
        """Return a generator over whoever answers now; None where nobody does."""
        engine = self._model.engine(asked=asked)
        if engine is None:
            return None
        # Its vocabulary takes the interpreter's lock for a moment: best before any answer streams.
        self._prompting.prefixes.counting.begin(engine.model)
        if isinstance(engine, ServedEngine):
            return ServedGenerator(engine, self._model, self._prompting)
        return ModelGenerator(engine, self._model.answering(), self._prompting)

    def notes(self) -> tuple[str, ...]:
        """Return which templates are not used, and why."""
        return self._prompting.wording.notes

    def previewed(self) -> Previewed:
        """Return the generator whose prompt is shown; none is started for it."""
        generator = self.generator(asked=False)
        return generator or Unanswered(self._model, self._prompting)

    def absence(self) -> GptossError:
        """Return why no model answers."""
        return self._model.absence()

    def failed(self) -> bool:
        """Say whether a model was wanted and could not be brought up."""
        return self._model.failed()
