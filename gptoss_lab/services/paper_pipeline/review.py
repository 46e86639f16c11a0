"""Review: a verdict on each unit, and what of the scope is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import get_args

from gptoss_lab.errors import EngineError, TooLargeError
from gptoss_lab.prompts.paper import Entry
from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.events import Event, Progress, Warn
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.papers import Unit, UnitVerdict
from gptoss_lab.services.paper_pipeline.modelled_answers import (
    UnreadableAnswerError,
    entries_of,
    read_object,
    text_of,
)
from gptoss_lab.services.paper_pipeline.modelled_asking import Reply, ask
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.write import unit_entry
from gptoss_lab.services.pipeline.run import failed
from gptoss_lab.services.streams import closing

MAX_BATCHES = 12
_EFFORT: Effort = "medium"
_ENTRY_TOKENS = 40
_NO_OWNER = "No cell implements it."
_GIVEN: dict[str, UnitVerdict] = {
    verdict: verdict for verdict in get_args(UnitVerdict) if verdict not in {"open", "not_implemented"}
}

Verdicts = Mapping[str, tuple[UnitVerdict, str]]


async def review(work: Work) -> AsyncIterator[Event]:
    """Tell the verdict of each unit; a cell that fails passes nothing, whatever a model says of it."""
    cells = {cell.id: cell for cell in work.run.run.sheet.code()}
    for unit in work.units:
        if unit.owner not in cells and unit.verdict == "open":
            changes = {"owner": "", "verdict": "not_implemented", "note": unit.note or _NO_OWNER}
            yield work.tell_unit(unit.model_copy(update=changes))
    batches = await asyncio.to_thread(_batches, work, cells)
    for number, batch in enumerate(batches[:MAX_BATCHES]):
        yield Progress(
            stage="claims", message="comparing the cells with the paper", done=number, total=len(batches)
        )
        try:
            async with closing(_judged(work, batch, cells)) as events:
                async for event in events:
                    yield event
        except (EngineError, TooLargeError) as error:
            yield Warn(
                message=f"The cells were not compared with the paper: {error.message}", hint=error.hint
            )
            break
    for event in (*_failing(work, cells), *_failed_tests(work, cells)):
        yield event
    work.run.missing = missing_of(work.units)
    yield work.run.tell()


def read_verdicts(text: str, labels: Mapping[str, str]) -> Verdicts:
    """Return the verdicts of an answer by the ids of units; those of unknown units are left out.

    Raises:
        UnreadableAnswerError: There are none.
    """
    found: dict[str, tuple[UnitVerdict, str]] = {}
    for entry in entries_of(read_object(text, ("verdicts",)), "verdicts"):
        if not isinstance(entry, dict):
            continue
        unit = labels.get(text_of(entry.get("unit"), 80))
        verdict = _GIVEN.get(text_of(entry.get("verdict"), 20).lower().replace("-", "_").replace(" ", "_"))
        if unit and verdict:
            found[unit] = (verdict, one_line(text_of(entry.get("note"), 300)))
    if not found:
        raise UnreadableAnswerError("it holds no verdict on a unit that was asked for")
    return found


def missing_of(units: Sequence[Unit]) -> tuple[str, ...]:
    """Return what is not implemented, and why, in words."""
    return tuple(
        f"{unit.statement} {unit.note or _NO_OWNER}"
        for unit in units
        if unit.verdict in {"not_implemented", "missing"}
    )


async def _judged(
    work: Work, units: Sequence[Unit], cells: Mapping[str, GeneratedCell]
) -> AsyncIterator[Event]:
    labels = {f"u{number}": unit.id for number, unit in enumerate(units, start=1)}
    owners = list(dict.fromkeys(unit.owner for unit in units))
    names = {owner: str(number) for number, owner in enumerate(owners, start=1)}
    entries = [
        Entry(label, f"in cell {names[unit.owner]}", unit_entry(work, unit).text)
        for label, unit in zip(labels, units, strict=True)
    ]
    shown = [Entry(names[owner], "", cells[owner].source) for owner in owners]
    messages = await asyncio.to_thread(work.prompts.review, entries, shown)
    reply: Reply[Verdicts] = Reply()
    read = partial(read_verdicts, labels=labels)
    async with closing(ask(work, messages, work.effort(_EFFORT), read, reply)) as events:
        async for event in events:
            yield event
    if reply.value is None:
        message = f"The model gave no verdict that can be read ({reply.problem[:120]}); the units stay open."
        for warning in work.run.run.once(Warn(message=message)):
            yield warning
        return
    for unit in units:
        if unit.id in reply.value:
            verdict, note = reply.value[unit.id]
            yield work.tell_unit(unit.model_copy(update={"verdict": verdict, "note": note}))


def _batches(work: Work, cells: Mapping[str, GeneratedCell]) -> list[list[Unit]]:
    """Return the units that have a cell, as many at once as fit with their cells."""
    counter, room = work.counter(), work.room(work.effort(_EFFORT), work.prompts.review([], []))
    batches: list[list[Unit]] = []
    used, shown = room + 1, set[str]()
    for unit in sorted(
        work.units, key=lambda unit: list(cells).index(unit.owner) if unit.owner in cells else -1
    ):
        if unit.owner not in cells:
            continue
        cost = counter.text(unit_entry(work, unit).text, "prose") + _ENTRY_TOKENS
        code = counter.text(cells[unit.owner].source) + _ENTRY_TOKENS
        if used + cost + (0 if unit.owner in shown else code) > room or not batches:
            batches.append([])
            used, shown = 0, set()
        used += cost + (0 if unit.owner in shown else code)
        shown.add(unit.owner)
        batches[-1].append(unit)
    return batches


def _failing(work: Work, cells: Mapping[str, GeneratedCell]) -> list[Event]:
    events: list[Event] = []
    for unit in work.units:
        cell = cells.get(unit.owner)
        if cell is not None and failed(cell.verification) and unit.verdict in {"open", "pass"}:
            note = "Its cell fails in the sandbox."
            events.append(work.tell_unit(unit.model_copy(update={"verdict": "missing", "note": note})))
    return events


def _failed_tests(work: Work, cells: Mapping[str, GeneratedCell]) -> list[Event]:
    planned = [cell.id for cell in work.plan.cells if cell.role == "tests"] if work.plan else []
    failing = [cells[name] for name in planned if name in cells and failed(cells[name].verification)]
    return [
        Warn(
            message="The small tests of the cells fail; numbers that agree may do so by chance.",
            hint="Its error is shown at the last cell: either the test or what it tests is wrong.",
        )
        for _ in failing
    ]
