"""The path without a model: the code that a paper prints becomes cells, and its numbers claims."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

from gptoss_lab.papers.listings_judge import Program
from gptoss_lab.papers.printed_claims import compared, open_claims
from gptoss_lab.papers.printed_plan import Plan, plan_cells
from gptoss_lab.papers.printed_prose import compared_prose, prose_claims
from gptoss_lab.papers.printed_told import named_in_text, not_run
from gptoss_lab.schemas.events import ClaimEvent, Event, Progress, Stage, Warn
from gptoss_lab.schemas.papers import Claim
from gptoss_lab.services.paper_pipeline.front import FIRST_INDEX, front_page
from gptoss_lab.services.paper_pipeline.outputs import printed_text
from gptoss_lab.services.paper_pipeline.printed_cells import planned_events
from gptoss_lab.services.paper_pipeline.printed_read import read_printed
from gptoss_lab.services.paper_pipeline.printed_scope import within_scope
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.pipeline.in_place import MAX_CELLS
from gptoss_lab.services.pipeline.limit import CellLimit
from gptoss_lab.services.pipeline.run import ran
from gptoss_lab.services.streams import closing

PaperStage = Callable[[PaperRun], AsyncIterator[Event]]

PROGRESS_EVERY = 10
_NO_MODEL = "No model wrote these cells: they are the code that the paper prints, in its order."
_NO_CODE = Warn(
    message="The paper prints no code that can be read.",
    hint="Attach a model: it writes cells from the equations and algorithms.",
)


def stages(run: PaperRun) -> list[PaperStage]:
    """Return what is done between the choice of the scope and the checks."""
    return [] if run.ask.read_only else [_write]


def last_stages(run: PaperRun) -> list[PaperStage]:
    """Return what is done once the cells have run: the printed numbers are compared with theirs."""
    del run
    return [_compare]


async def _write(run: PaperRun) -> AsyncIterator[Event]:
    yield Progress(stage="load", message="reading the code that the paper prints")
    listings, program, warnings = await read_printed(run)
    for warning in warnings:
        yield warning
    if not program.judged:
        yield _NO_CODE
        return
    listings, program, left_out = within_scope(run, listings, program)
    plan = plan_cells(program, listings, run.paper, f"p{secrets.token_hex(4)}")
    run.assumptions = (*run.assumptions, _NO_MODEL, *program.assumptions, *named_in_text(plan))
    run.missing = (*run.missing, *left_out, *not_run(plan))
    run.printed = plan
    yield run.tell()
    yield Stage(stage="stream")
    async with closing(front_page(run)) as page:
        async for event in page:
            yield event
    limit = CellLimit(run.run.request.max_cells, ends=True)
    async with closing(limit.limited(_streamed(run, program))) as cells:
        async for event in cells:
            yield run.apply(event)
    if not program.runnable:
        yield _none_runs(run, program)
    elif len(run.run.sheet.code()) > MAX_CELLS:
        yield Warn(
            message=f"Only the first {MAX_CELLS} of {len(run.run.sheet.code())} code cells are run.",
            hint="Choose a part of the paper: what comes after it is left out.",
        )
    for claim in await asyncio.to_thread(_claims, run, plan):
        yield run.apply(ClaimEvent(claim=claim))


def _none_runs(run: PaperRun, program: Program) -> Warn:
    language = run.run.request.language
    message = "None of the code that the paper prints can be run."
    if all(one.listing.language != language for one in program.judged):
        other = "R" if language == "python" else "Python"
        return Warn(message=message, hint=f"It is written in {other}: ask for a notebook in {other}.")
    return Warn(
        message=message,
        hint="The notebook says why at each piece. With a model, cells are written from the text.",
    )


async def _streamed(run: PaperRun, program: Program) -> AsyncIterator[Event]:
    for event in planned_events(run, run.printed, program, FIRST_INDEX):
        yield event
        await asyncio.sleep(0)


def _claims(run: PaperRun, plan: Plan) -> list[Claim]:
    found = open_claims(plan.printouts)
    run.sentences = prose_claims(run.paper, found)
    return [*found, *(claim for claim, _ in run.sentences.values())]


async def _compare(run: PaperRun) -> AsyncIterator[Event]:
    """Compare what the paper prints with what the cells have printed."""
    if not run.printed.printouts:
        return
    yield Stage(stage="claims")
    outputs = {
        cell.id: printed_text(cell.verification)
        for cell in run.run.sheet.code()
        if cell.verification is not None and ran(cell.verification)
    }
    known = {claim.id: claim for claim in run.told.claims}
    total = len(run.printed.printouts)
    for done, printout in enumerate(run.printed.printouts, start=1):
        for claim in await asyncio.to_thread(compared, printout, known, outputs):
            yield run.apply(ClaimEvent(claim=claim))
        if done % PROGRESS_EVERY == 0 or done == total:
            yield Progress(stage="claims", message="comparing numbers", done=done, total=total)
    settled = {claim.id: claim for claim in run.told.claims}
    for claim in compared_prose(run.sentences, settled):
        yield run.apply(ClaimEvent(claim=claim))
