"""Prompt, stream, parse: the generator writes cells."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gptoss_lab.schemas.events import CellOpen, Event, Generator, Reasoning, Stage, Usage, Warn
from gptoss_lab.services.pipeline.run import Run, code_cells
from gptoss_lab.services.streams import closing


async def draft(run: Run) -> AsyncIterator[Event]:
    """Say who answers, then pass the cells on as they come.

    Raises:
        EngineError: The model service failed.
    """
    generator = run.generator
    yield Generator(generator=generator.name, model=generator.model, sandbox=run.sandbox, corpora=run.infos)
    if generator.name == "model":
        yield Stage(stage="prompt")
    streaming = False
    async with closing(written(run, generator.draft(run.brief))) as events:
        async for event in events:
            if not streaming and isinstance(event, (CellOpen, Reasoning)):
                streaming = True
                yield Stage(stage="stream")
            yield event
    # What a generator leaves open is no cell.
    for close in run.sheet.abandon():
        yield run.apply(close)
    if generator.name != "model":
        return
    yield Stage(stage="parse", detail=code_cells(len(run.sheet.code())))
    if not run.sheet.code():
        yield Warn(
            message="The model answered without any code.",
            hint="Say more exactly what the cells should do, or add documentation.",
        )


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
