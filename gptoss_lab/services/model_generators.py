"""The generator that asks the model, made for one request from how the model stands then."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.errors import GptossError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import Event, Progress
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.base import Brief, CellGenerator, Ticket
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.generators.prefixes import Prefixes
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
    draws_seed = True

    def __init__(self, engine: ServedEngine, model: Model, prefixes: Prefixes) -> None:
        self.model = engine.model
        self._engine = engine
        self._model = model
        self._prefixes = prefixes

    async def draft(self, brief: Brief) -> AsyncGenerator[Event, None]:
        """Generate cells; see `CellGenerator.draft`.

        Raises:
            EngineError: The model could not be brought up, or failed; cells closed before stay valid.
            TooLargeError: The task does not fit into the model's context.
        """
        async with aclosing(self._waited()) as waiting:
            async for event in waiting:
                yield event
        async with aclosing(self._generator().draft(brief)) as events:
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

    def _generator(self) -> ModelGenerator:
        return ModelGenerator(self._engine, self._model.answering(), self._prefixes)

    async def _waited(self) -> AsyncGenerator[Event, None]:
        async with aclosing(self._engine.waiting()) as notes:
            async for words, progress in notes:
                known = progress is not None and progress.percent is not None
                yield Progress(
                    stage="prompt",
                    message=f"waiting for the model: {words}",
                    done=round(progress.percent or 0) if progress and known else 0,
                    total=100 if known else 0,
                )


class ModelGenerators:
    """Says for each request which generator asks the model, if any."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._prefixes = Prefixes()

    async def close(self) -> None:
        """End what is sent ahead for a next question."""
        await self._prefixes.close()

    def generator(self, *, asked: bool) -> CellGenerator | None:
        """Return a generator over whoever answers now; None where nobody does."""
        engine = self._model.engine(asked=asked)
        if engine is None:
            return None
        # Its vocabulary takes the interpreter's lock for a moment: best before any answer streams.
        self._prefixes.counting.begin(engine.model)
        if isinstance(engine, ServedEngine):
            return ServedGenerator(engine, self._model, self._prefixes)
        return ModelGenerator(engine, self._model.answering(), self._prefixes)

    def absence(self) -> GptossError:
        """Return why no model answers."""
        return self._model.absence()

    def failed(self) -> bool:
        """Say whether a model was wanted and could not be brought up."""
        return self._model.failed()
