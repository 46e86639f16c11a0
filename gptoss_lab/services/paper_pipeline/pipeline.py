"""The stages of a job that has a paper: those without a model and those with one share most."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

from gptoss_lab.drafts.front_page import claim_counts
from gptoss_lab.schemas.events import Event
from gptoss_lab.services.paper_pipeline import modelled, printed
from gptoss_lab.services.paper_pipeline.front import front_page
from gptoss_lab.services.paper_pipeline.identify import identify
from gptoss_lab.services.paper_pipeline.load import load
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.paper_pipeline.settle import settle
from gptoss_lab.services.pipeline.check import check
from gptoss_lab.services.pipeline.repair import repair
from gptoss_lab.services.pipeline.run import Run
from gptoss_lab.services.pipeline.verify import verify
from gptoss_lab.services.streams import closing

PaperStage = Callable[[PaperRun], AsyncIterator[Event]]


async def paper_events(run: PaperRun) -> AsyncIterator[Event]:
    """Run the stages one after the other.

    To cancel, cancel the task that reads or close the iterator: the stage then releases what it holds.

    Raises:
        DocumentError: The paper cannot be read, or there is nothing in it to make cells of.
        RequestError: The scope names what the paper does not have.
        EngineError: The model service failed.
        StorageError: The disk is full.
    """
    for stage in paper_stages(run):
        async with closing(stage(run)) as events:
            async for event in events:
                yield event


def paper_stages(run: PaperRun) -> list[PaperStage]:
    """Return the stages: the cells come from a model, or from the code that the paper prints."""
    makes = modelled if run.run.generator.name == "model" else printed
    first = makes.stages(run)
    if run.ask.read_only:
        return [load, identify, *first]
    last = makes.last_stages(run)
    mending = [repair] if run.run.generator.can_repair else []
    shared: list[PaperStage] = [partial(_of_run, stage=stage) for stage in (check, verify, *mending)]
    return [load, identify, *first, *shared, *last, settle, front_page]


def paper_summary(run: PaperRun, cells: str) -> str:
    """Return what came of a job, in a sentence or two; `cells` says how the cells did."""
    if run.ask.read_only:
        count = len(run.candidates)
        return f"The paper was read; it has {count} {'part' if count == 1 else 'parts'} to choose from."
    counts = claim_counts(run.told.claims)
    return f"{cells} Of the printed numbers: {counts}." if counts else cells


async def _of_run(run: PaperRun, stage: Callable[[Run], AsyncIterator[Event]]) -> AsyncIterator[Event]:
    """Run a stage that every generation has; the cells are its own, so that nothing is folded twice."""
    async with closing(stage(run.run)) as events:
        async for event in events:
            yield event
