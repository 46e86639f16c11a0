"""The stages of a paper whose cells a model writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.services.paper_pipeline import printed
from gptoss_lab.services.paper_pipeline.run import PaperRun

Stage = Callable[[PaperRun], AsyncIterator[Event]]


def stages(run: PaperRun) -> list[Stage]:
    """Return what is done between the choice of the scope and the checks; the cells are written here."""
    return [_told, *printed.stages(run)]


def last_stages(run: PaperRun) -> list[Stage]:
    """Return what is done once the cells have run, before the claims are settled."""
    return printed.last_stages(run)


async def _told(run: PaperRun) -> AsyncIterator[Event]:
    """Say that the code of the paper is used."""
    if not run.ask.read_only:
        yield Warn(message="The model is not asked: the code that the paper prints is used.")
