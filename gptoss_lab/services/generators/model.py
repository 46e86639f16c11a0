"""The generator that asks a model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from gptoss_lab.drafts.cells import CellIds
from gptoss_lab.engines.base import ChatEngine, ChatRequest, KnowsServer
from gptoss_lab.errors import EngineError, PromptTooLongError, TooLargeError
from gptoss_lab.prompts.layout import Layout, Pack, Prompt
from gptoss_lab.prompts.repair import Broken, repair_question
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Warn
from gptoss_lab.schemas.generation import CellKind, CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.attempts import answered
from gptoss_lab.services.generators.base import Brief, Ticket
from gptoss_lab.services.generators.matching import matched

_HIGH_EFFORT_FROM_ROUND = 2


class ModelGenerator:
    """Writes cells with a model, from the documentation of the brief. It serves any number of jobs.

    A `Usage` event states what its own request has consumed.

    Args:
        engine: The model service.
        config: Its configuration.
    """

    name: GeneratorName = "model"
    can_repair = True

    def __init__(self, engine: ChatEngine, config: ModelConfig) -> None:
        self._engine = engine
        self._config = config
        self.model = config.name

    async def resolve(self) -> str:
        """Return the model's name; ask the service what it is, once.

        Raises:
            EngineError: The service failed, or offers no model.
        """
        engine = self._engine
        if isinstance(engine, KnowsServer) and not engine.is_known:
            try:
                names = await engine.models()
            except EngineError:
                # A service that lists no models may answer all the same, where one is named.
                if not (self.model and engine.is_known):
                    raise
            else:
                self.model = self.model or names[0]
        if not self.model:
            self.model = engine.model or (await engine.models())[0]
        return self.model

    async def draft(self, brief: Brief) -> AsyncGenerator[Event, None]:
        """Generate cells; see `CellGenerator.draft`.

        Raises:
            EngineError: The model service failed; cells closed before stay valid.
            TooLargeError: The task does not fit into the model's context.
            PromptTooLongError: The server says that the prompt does not, and names no window that it would.
        """
        request = brief.request
        effort = self._effort(request)
        await self.resolve()
        window = self._window()
        try:
            async with aclosing(self._drafted(brief, effort)) as events:
                async for event in events:
                    yield event
        except PromptTooLongError:
            # The server has just told its window, which no list of models did.
            if self._window() >= window:
                raise
            async with aclosing(self._drafted(brief, effort)) as events:
                async for event in events:
                    yield event

    async def _drafted(self, brief: Brief, effort: Effort) -> AsyncGenerator[Event, None]:
        # Long notebooks take longer than the event loop may wait.
        prompt = await asyncio.to_thread(self._draft_prompt, brief, effort)
        for part in prompt.cut:
            yield Warn(
                message=f"The model does not see {part}: its context is too short.",
                hint="Name fewer sources, or set context_tokens to what the model server allows.",
            )
        async with aclosing(self._ask(brief, prompt, effort)) as events:
            async for event in events:
                yield event

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncGenerator[Event, None]:
        """Rewrite the cells of the tickets; see `CellGenerator.repair`.

        A cell that the model did not rewrite is closed with the text it had.

        Raises:
            EngineError: The model service failed.
        """
        request = brief.request
        effort = "high" if round_number >= _HIGH_EFFORT_FROM_ROUND else self._effort(request)
        await self.resolve()
        code = [cell.id for cell in cells if cell.kind == "code"]
        tickets = sorted(tickets, key=lambda ticket: code.index(ticket.cell.id))
        broken = [Broken(ticket.cell, ticket.findings, ticket.error) for ticket in tickets]
        closed: list[CellClose] = []
        try:
            prompt = await asyncio.to_thread(self._repair_prompt, brief, effort, cells, broken)
        except TooLargeError as error:
            yield Warn(message="The cells are too long for the model to repair them.", hint=error.hint)
        else:
            async with aclosing(self._ask(brief, prompt, effort)) as events:
                async for event in _without_cells(events, closed):
                    yield event
        for event in matched([ticket.cell for ticket in tickets], closed, code):
            yield event

    async def _ask(self, brief: Brief, prompt: Prompt, effort: Effort) -> AsyncGenerator[Event, None]:
        citations, ids = _citations(brief, prompt), CellIds()
        request = ChatRequest(prompt.messages, effort, prompt.prompt_tokens, brief.request.seed)
        listen = partial(Answer, brief.request.language, citations, ids)
        async with aclosing(answered(self._engine, request, listen)) as events:
            async for event in events:
                yield event

    def _draft_prompt(self, brief: Brief, effort: Effort) -> Prompt:
        request = brief.request
        layout = Layout(request.language, effort, self._window())
        return layout.draft(request.task, _pack(brief), request.context.cells)

    def _repair_prompt(
        self, brief: Brief, effort: Effort, cells: Sequence[GeneratedCell], broken: Sequence[Broken]
    ) -> Prompt:
        request = brief.request
        layout = Layout(request.language, effort, self._window())
        return layout.repair(repair_question(request.task, cells, broken), _pack(brief))

    def _window(self) -> int:
        """Return how long prompt and answer may be together: the server's window, within our own bound."""
        known = self._engine.context_tokens if isinstance(self._engine, KnowsServer) else None
        return min(self._config.context_tokens, known or self._config.context_tokens)

    def _effort(self, request: CodeGenerationRequest) -> Effort:
        return request.effort or self._config.effort


async def _without_cells(events: AsyncIterator[Event], closed: list[CellClose]) -> AsyncIterator[Event]:
    kinds: dict[str, CellKind] = {}
    async for event in events:
        if isinstance(event, CellOpen):
            kinds[event.cell] = event.kind
        elif isinstance(event, CellClose):
            if event.source and kinds[event.cell] == "code":
                closed.append(event)
        elif not isinstance(event, CellDelta):
            yield event


def _pack(brief: Brief) -> Pack:
    return Pack(brief.passages, brief.examples, brief.packages)


def _citations(brief: Brief, prompt: Prompt) -> Mapping[str, Citation]:
    known = {example.id: example.citation for example in brief.examples}
    known |= {passage.id: passage.citation for passage in brief.passages}
    return {label: known[identifier] for label, identifier in prompt.labels.items()}
