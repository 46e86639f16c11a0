"""The generator that asks a model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from gptoss_lab.drafts.fences import Reading
from gptoss_lab.engines.base import ChatEngine, ChatRequest, KnowsServer, NamesServer
from gptoss_lab.errors import EngineError, PromptTooLongError, TooLargeError
from gptoss_lab.prompts.budget import Counter
from gptoss_lab.prompts.layout import Prompt, label_of
from gptoss_lab.prompts.repair import Broken
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Warn
from gptoss_lab.schemas.generation import CHANGING, CellKind, CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.attempts import answered
from gptoss_lab.services.generators.base import Brief, Ticket
from gptoss_lab.services.generators.edited_cells import EditedCells
from gptoss_lab.services.generators.matching import matched
from gptoss_lab.services.generators.prompting import Prompting, Setting
from gptoss_lab.services.generators.sketch import Sketch, sketched
from gptoss_lab.services.generators.written_cells import NewCells, WrittenCells

Cells = Callable[[Prompt], WrittenCells]

_HIGH_EFFORT_FROM_ROUND = 2


class ModelGenerator:
    """Writes cells with a model, from the documentation of the brief. It serves any number of jobs.

    A `Usage` event states what its own request has consumed.

    Args:
        engine: The model service.
        config: Its configuration.
        prompting: Lays out its prompts.
    """

    name: GeneratorName = "model"
    can_repair = True
    answers = True

    def __init__(self, engine: ChatEngine, config: ModelConfig, prompting: Prompting | None = None) -> None:
        self._engine = engine
        self._config = config
        self._prompting = prompting or Prompting()
        self._prefixes = self._prompting.prefixes
        self.model = config.name

    @property
    def templates(self) -> str:
        """The version of the templates of its prompts."""
        return self._prompting.wording.templates.version

    @property
    def draws_seed(self) -> bool:
        """Say whether the service takes a seed at no risk: a vLLM that we did not start may end of one.

        vLLM 0.32 on a CPU does where it reads the prompt in parts, and does not say what it runs on.
        """
        engine = self._engine
        is_known = not isinstance(engine, KnowsServer) or engine.is_known
        return is_known and not (isinstance(engine, NamesServer) and engine.server == "vllm")

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
        self._prefixes.counting.begin(self.model)
        return self.model

    @property
    def sketches(self) -> bool:
        """Say whether to ask which calls it would use, before documentation is looked up."""
        return self._config.sketch

    async def sketch(self, request: CodeGenerationRequest, names: Sequence[str]) -> Sketch:
        """Return the calls that it would use; see `Sketches.sketch`.

        Raises:
            EngineError: The model service failed.
        """
        await self.resolve()
        return await sketched(self._engine, request, names, self._prefixes.salt())

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
        setting = self.setting(effort)
        prompt = await asyncio.to_thread(self._prompting.draft, brief, setting)
        self._prefixes.remember(brief, setting, prompt)
        self._prefixes.keep(brief, prompt.shelf)
        for part in prompt.cut:
            yield Warn(
                message=f"The model does not see {part}: its context is too short.",
                hint="Name fewer sources, or set context_tokens to what the model server allows.",
            )
        request = self._request(brief, prompt, effort)
        async with aclosing(self._ask(prompt, request, partial(_draft_cells, brief))) as events:
            async for event in events:
                yield event
        if self._config.warm_up and brief.corpora:
            self._prefixes.warmer.offer(self._engine, request)

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncGenerator[Event, None]:
        """Rewrite the cells of the tickets; see `CellGenerator.repair`.

        A cell that the model did not rewrite is closed with the text it had.

        Raises:
            EngineError: The model service failed.
        """
        effort = "high" if round_number >= _HIGH_EFFORT_FROM_ROUND else self._effort(brief.request)
        await self.resolve()
        code = [cell.id for cell in cells if cell.kind == "code"]
        tickets = sorted(tickets, key=lambda ticket: code.index(ticket.cell.id))
        broken = [Broken(ticket.cell, ticket.findings, ticket.error) for ticket in tickets]
        closed: list[CellClose] = []
        try:
            setting = self.setting(effort)
            prompt = await asyncio.to_thread(self._prompting.repair, brief, setting, cells, broken)
            self._prefixes.keep(brief, prompt.shelf)
            request = self._request(brief, prompt, effort)
            async with aclosing(self._ask(prompt, request, partial(_new_cells, brief))) as events:
                async for event in _without_cells(events, closed):
                    yield event
        except TooLargeError as error:
            yield Warn(message="The cells are too long for the model to repair them.", hint=error.hint)
        for event in matched([ticket.cell for ticket in tickets], closed, code):
            yield event

    async def _ask(self, prompt: Prompt, request: ChatRequest, cells: Cells) -> AsyncGenerator[Event, None]:
        with self._prefixes.warmer.asking():
            async with aclosing(answered(self._engine, request, lambda: Answer(cells(prompt)))) as events:
                async for event in events:
                    yield event

    def _request(self, brief: Brief, prompt: Prompt, effort: Effort) -> ChatRequest:
        salt = self._prefixes.salt()
        return ChatRequest(prompt.messages, effort, prompt.prompt_tokens, brief.request.seed, salt)

    @property
    def wording(self) -> Wording:
        """What its prompts are written by."""
        return self._prompting.wording

    async def waited(self) -> AsyncGenerator[Event, None]:
        """Yield nothing: the service is there, or says that it is not; see `Converses.waited`.

        Raises:
            EngineError: The service failed, or offers no model.
        """
        await self.resolve()
        for event in list[Event]():
            yield event

    def counter(self) -> Counter:
        """Return what counts tokens for its model."""
        return self._prefixes.counting.counter(self.model)

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
        size = self.counter().messages(messages, effort)
        request = ChatRequest(tuple(messages), effort, size, seed, self._prefixes.salt())
        with self._prefixes.warmer.asking():
            async with aclosing(answered(self._engine, request, listen)) as events:
                async for event in events:
                    yield event

    async def prompt(self, brief: Brief) -> tuple[Prompt, Setting]:
        """Return what `draft` would send now, and for which model; nothing is asked of it.

        Raises:
            EngineError: The service does not say which model answers.
            TooLargeError: The task does not fit into the model's context.
        """
        await self.resolve()
        setting = self.setting(self._effort(brief.request))
        return await asyncio.to_thread(self._prompting.draft, brief, setting), setting

    def setting(self, effort: Effort) -> Setting:
        """Return what its prompts depend on now."""
        return Setting(self.model, self._window(), effort)

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


def _new_cells(brief: Brief, prompt: Prompt) -> WrittenCells:
    return NewCells(brief.request.language, _citations(prompt))


def _draft_cells(brief: Brief, prompt: Prompt) -> WrittenCells:
    """Return what becomes of an answer: changes of cells, a text, or new cells."""
    edit, language = brief.request.edit, brief.request.language
    if edit is not None and edit.kind in CHANGING:
        return EditedCells(language, _citations(prompt), edit.cells)
    reading: Reading = "prose" if edit is not None and edit.kind == "explain" else "cells"
    return NewCells(language, _citations(prompt), reading=reading)


def _citations(prompt: Prompt) -> Mapping[str, Citation]:
    return {label_of(item.id): item.citation for item in prompt.shelf.items}
