"""Repair: the model rewrites what is wrong, up to three times; the best version stays."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

from gptoss_lab.errors import EngineError
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Repair, Stage, Warn
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.generators.base import Ticket
from gptoss_lab.services.pipeline.check import check
from gptoss_lab.services.pipeline.draft import written
from gptoss_lab.services.pipeline.lay_out import lay_out
from gptoss_lab.services.pipeline.names import lacks_notebook, notebook_names
from gptoss_lab.services.pipeline.run import Run, errors, failed, ran
from gptoss_lab.services.pipeline.verify import verify
from gptoss_lab.services.streams import closing

_WORD = re.compile(r"[A-Za-z][\w.-]*\w")


async def repair(run: Run) -> AsyncIterator[Event]:
    """Let the model rewrite faulty cells while that makes them fewer.

    Raises:
        EngineError: The model service failed; the best version so far is put back first.
    """
    wanted = tickets(run)
    if wanted and run.request.max_repairs:
        yield Stage(stage="repair")
    for round_number in range(1, run.request.max_repairs + 1):
        best, best_score = run.sheet.cells(), score(run, wanted)
        async with closing(_attempt(run, wanted, round_number, best)) as events:
            async for event in events:
                yield event
        wanted = tickets(run)
        if score(run, wanted) >= best_score:
            for event in restore(run, best):
                yield event
            break
    for warning in _leftovers(run):
        yield warning


async def _attempt(
    run: Run, wanted: Sequence[Ticket], round_number: int, best: Sequence[GeneratedCell]
) -> AsyncIterator[Event]:
    if not wanted:
        return
    yield Repair(
        round=round_number,
        rounds=run.request.max_repairs,
        cells=tuple(ticket.cell.id for ticket in wanted),
        reason=_reason(wanted),
    )
    try:
        async with closing(_round(run, wanted, round_number)) as events:
            async for event in events:
                yield event
    except EngineError:
        for event in restore(run, best):
            yield event
        raise


async def _round(run: Run, wanted: Sequence[Ticket], round_number: int) -> AsyncIterator[Event]:
    rewritten = run.generator.repair(run.brief, run.sheet.cells(), wanted, round_number)
    async with closing(written(run, _of(wanted, rewritten))) as events:
        async for event in events:
            yield event
    for stage in (lay_out, check, verify):
        async with closing(stage(run)) as events:
            async for event in events:
                yield event


async def _of(wanted: Sequence[Ticket], events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Pass on what is said of the cells to rewrite: no other cell is touched."""
    ids = {ticket.cell.id for ticket in wanted}
    async with closing(events) as said:
        async for event in said:
            if not isinstance(event, (CellOpen, CellDelta, CellClose)) or event.cell in ids:
                yield event


def tickets(run: Run) -> list[Ticket]:
    """Return what is wrong, cell by cell. A cell that ran well is right, whatever a check says."""
    known = notebook_names(run)
    found: list[Ticket] = []
    for cell in run.sheet.code():
        if ran(cell.verification):
            continue
        error = cell.verification.error if cell.verification and failed(cell.verification) else ""
        if cell.verification and failed(cell.verification) and not error:
            error = f"The cell ended with {cell.verification.status}."
        if lacks_notebook(error, known) or run.broken_above:
            error = ""
        if lacks_wanted(run, cell):
            continue
        if error or errors(cell.findings):
            found.append(Ticket(cell, errors(cell.findings), error))
    return found


def lacks_wanted(run: Run, cell: GeneratedCell) -> bool:
    """Say whether all that is wrong with a cell is a package that the task names and that is offered.

    A person who names a package wants it: it is offered to be added, and not written around.
    """
    wrong = errors(cell.findings)
    words = {word.lower() for word in _WORD.findall(run.request.task)}
    return bool(wrong) and all(
        one.need is not None
        and one.need.addable
        and bool({one.need.name.lower(), one.symbol.lower()} & words)
        for one in wrong
    )


def score(run: Run, wanted: Sequence[Ticket]) -> tuple[int, int]:
    """Return how bad the cells are: cells that are wrong or unproven, then findings."""
    unproven = sum(not ran(cell.verification) for cell in run.sheet.code()) if run.verifies else len(wanted)
    return max(unproven, len(wanted)), sum(len(ticket.findings) + bool(ticket.error) for ticket in wanted)


def restore(run: Run, best: Sequence[GeneratedCell]) -> list[Event]:
    """Return events that put an earlier version back, with its findings and runs."""
    now = {cell.id: cell for cell in run.sheet.cells()}
    return [event for cell in best if now.get(cell.id) != cell for event in run.reclose(cell)]


def _leftovers(run: Run) -> list[Warn]:
    known = notebook_names(run)
    wanting = [
        cell
        for cell in run.sheet.code()
        if cell.verification and failed(cell.verification) and lacks_notebook(cell.verification.error, known)
    ]
    if not wanting:
        return []
    message = (
        "Some cells use variables of your notebook, which the sandbox does not hold; they could not be run."
    )
    return [Warn(message=message, hint="Read them with care, then accept and run them in your notebook.")]


def _reason(wanted: Sequence[Ticket]) -> str:
    first = wanted[0]
    lines = first.error.strip().splitlines()
    told = first.findings[0].message if first.findings else (lines[-1] if lines else "")
    return told[:300]
