"""The path without a model: the code that a paper prints becomes cells, and its numbers claims."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.services.paper_pipeline.run import PaperRun

Stage = Callable[[PaperRun], AsyncIterator[Event]]


def stages(run: PaperRun) -> list[Stage]:
    """Return what is done between the choice of the scope and the checks."""
    return [] if run.ask.read_only else [_write]


def last_stages(run: PaperRun) -> list[Stage]:
    """Return what is done once the cells have run: printed numbers are compared with those."""
    del run
    return []


async def _write(run: PaperRun) -> AsyncIterator[Event]:
    if not any(block.kind == "code" for block in run.paper.blocks):
        yield Warn(
            message="The paper prints no code.",
            hint="Attach a model: it writes cells from the equations and algorithms.",
        )
