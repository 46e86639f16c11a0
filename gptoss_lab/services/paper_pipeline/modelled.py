"""The stages of a paper whose cells a model writes. Code checks what it says at every step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from gptoss_lab.errors import RequestError, SandboxError
from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.services.paper_pipeline.claims_model_check import check_claims
from gptoss_lab.services.paper_pipeline.datasets import DataChoice, Shipped, choose_data, found_names
from gptoss_lab.services.paper_pipeline.datasets_shipped import SHIPPED
from gptoss_lab.services.paper_pipeline.front import front_page
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.plan import make_plan, packages_of
from gptoss_lab.services.paper_pipeline.review import review
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.paper_pipeline.units import read_paper
from gptoss_lab.services.paper_pipeline.units_answers import answered
from gptoss_lab.services.paper_pipeline.units_read import NamedData
from gptoss_lab.services.paper_pipeline.write import write
from gptoss_lab.services.paper_pipeline.write_repair import PaperGenerator
from gptoss_lab.services.pipeline.lay_out import lay_out
from gptoss_lab.services.streams import closing

Stage = Callable[[PaperRun], AsyncIterator[Event]]


def stages(run: PaperRun) -> list[Stage]:
    """Return what is done between the choice of the scope and the checks; the cells are written here."""
    reading: list[Stage] = [_begin, _read]
    return reading if run.ask.read_only else [*reading, _data, _plan, front_page, _write]


def last_stages(run: PaperRun) -> list[Stage]:
    """Return what is done once the cells have run, before the claims are settled."""
    del run
    return [_claims, _review]


async def _begin(run: PaperRun) -> AsyncIterator[Event]:
    """Wait for the model.

    Raises:
        RequestError: The generator can only be given tasks.
        EngineError: The model could not be brought up.
    """
    work = Work.of(run)
    async with closing(work.model.waited()) as events:
        async for event in events:
            yield event
    run.run.generator = PaperGenerator(run.run.generator, work)


async def _read(run: PaperRun) -> AsyncIterator[Event]:
    work = _work(run)
    async with closing(read_paper(work)) as events:
        async for event in events:
            yield event
    for event in answered(work):
        yield event


async def _data(run: PaperRun) -> AsyncIterator[Event]:
    """Choose what stands for the data of the paper, and tell it where that is not the paper's own."""
    work, own = _work(run), run.run
    await packages_of(work)
    shipped: tuple[Shipped, ...] = ()
    if own.has_sandbox:
        try:
            shipped = await SHIPPED.of(own.executor, work.language, own.sandbox.image)
        except SandboxError as error:
            yield Warn(
                message=f"The data sets of the installed packages are not known: {error.message}",
                hint=error.hint,
            )
    work.data = await asyncio.to_thread(_chosen, work, shipped)
    run.assumptions = (*run.assumptions, *(choice.told for choice in work.data))
    yield run.tell()


def _chosen(work: Work, shipped: Sequence[Shipped]) -> tuple[DataChoice, ...]:
    """Return what stands for what the units and claims name, else for what the text names as data."""
    request = work.run.run.request
    known = {named.name.casefold() for named in work.named}
    claimed = [
        NamedData(claim.dataset)
        for claim in work.claims
        if claim.dataset and claim.dataset.casefold() not in known
    ]
    named = [*work.named, *dict.fromkeys(claimed)] or found_names(work.run.paper, shipped)
    return choose_data(named, request.context.variables, request.data, shipped, work.language)


async def _plan(run: PaperRun) -> AsyncIterator[Event]:
    async with closing(make_plan(_work(run))) as events:
        async for event in events:
            yield event


async def _write(run: PaperRun) -> AsyncIterator[Event]:
    for events_of in (write(_work(run)), lay_out(run.run)):
        async with closing(events_of) as events:
            async for event in events:
                yield event


async def _claims(run: PaperRun) -> AsyncIterator[Event]:
    async with closing(check_claims(_work(run))) as events:
        async for event in events:
            yield event


async def _review(run: PaperRun) -> AsyncIterator[Event]:
    async with closing(review(_work(run))) as events:
        async for event in events:
            yield event


def _work(run: PaperRun) -> Work:
    """Return the state, which the generator of the job holds once the model is there.

    Raises:
        RequestError: The first stage has not run.
    """
    if not isinstance(run.run.generator, PaperGenerator):
        raise RequestError("The model was not asked whether it is there.")
    return run.run.generator.work
