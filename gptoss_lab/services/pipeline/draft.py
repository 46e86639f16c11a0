"""Prompt, stream, parse: the generator writes cells."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol, runtime_checkable

from gptoss_lab.schemas.events import CellOpen, Event, Generator, Reasoning, Stage, Usage, Warn
from gptoss_lab.services.pipeline.limit import CellLimit
from gptoss_lab.services.pipeline.run import Run, code_cells
from gptoss_lab.services.streams import closing

MAX_SEED = 1 << 31
"""Seeds are below it: every server takes such a number, and JavaScript keeps it exact."""

_NO_CODE = Warn(
    message="The model answered without any code.",
    hint="Say more exactly what the cells should do, or add documentation.",
)
_NO_TEXT = Warn(message="The model answered without any text.", hint="Ask again, or at another effort.")


@runtime_checkable
class DrawsSeed(Protocol):
    """A generator whose answers a seed makes the same again.

    Attributes:
        draws_seed: A request without one may be given one.
    """

    @property
    def draws_seed(self) -> bool:
        """Say whether the model service takes a seed at no risk."""


@runtime_checkable
class HasTemplates(Protocol):
    """A generator whose prompts are made from templates.

    Attributes:
        templates: Their version.
    """

    @property
    def templates(self) -> str:
        """Return their version."""


async def draft(run: Run) -> AsyncIterator[Event]:
    """Say who answers, then pass the cells on as they come.

    Raises:
        EngineError: The model service failed.
    """
    generator = run.generator
    draw_seed(run)
    yield Generator(
        generator=generator.name,
        model=generator.model,
        seed=run.request.seed if generator.name == "model" else None,
        templates=generator.templates if isinstance(generator, HasTemplates) else "",
        sandbox=run.sandbox,
        corpora=run.infos,
    )
    if generator.name == "model":
        yield Stage(stage="prompt")
    streaming = False
    limit = CellLimit(run.request.max_cells, ends=not run.changes)
    async with closing(written(run, limit.limited(generator.draft(run.brief)))) as events:
        async for event in events:
            if not streaming and isinstance(event, (CellOpen, Reasoning)):
                streaming = True
                yield Stage(stage="stream")
            yield event
    # What a generator leaves open is no cell.
    for close in run.sheet.abandon():
        yield run.apply(close)
    if generator.name == "model":
        yield Stage(stage="parse", detail=code_cells(len(run.sheet.code())))
        for warning in _wanting(run):
            yield warning


def draw_seed(run: Run) -> None:
    """Draw a seed where the request has none and the model service takes one, so that it can be replayed."""
    if run.request.seed is None and isinstance(run.generator, DrawsSeed) and run.generator.draws_seed:
        run.request = run.request.model_copy(update={"seed": secrets.randbelow(MAX_SEED)})
        run.brief = replace(run.brief, request=run.request)


def _wanting(run: Run) -> list[Warn]:
    """Return what to say of an answer without cells; a change says itself why there is none."""
    if run.changes:
        return []
    if run.request.edit is not None and run.request.edit.kind == "explain":
        return [] if run.sheet.cells() else [_NO_TEXT]
    return [] if run.sheet.code() else [_NO_CODE]


async def written(run: Run, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Fold what a generator says into the run; its usage is added to that of earlier requests."""
    before = run.spent
    async with closing(events) as said:
        async for event in said:
            if isinstance(event, Usage):
                run.spent = before + event.usage
                yield Usage(usage=run.spent)
            else:
                yield run.apply(event)
