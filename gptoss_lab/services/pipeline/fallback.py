"""Fallback: an example that does not run gives way to the next best one that does."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from gptoss_lab.checks.cells import Cell
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.events import CellClose, Event, FindingEvent, Repair, Stage, VerificationEvent, Warn
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.generators.examples import ExamplesGenerator, example_of
from gptoss_lab.services.pipeline.check import on_host
from gptoss_lab.services.pipeline.run import Run, failed, ran
from gptoss_lab.services.pipeline.verify import execute
from gptoss_lab.services.streams import closing

MAX_TRIES = 3
Verified = dict[str, CellVerification]


async def fall_back(run: Run, generator: ExamplesGenerator) -> AsyncIterator[Event]:
    """Replace examples that failed. One for which there is no other stays, with its error."""
    groups = _groups(run.sheet.cells())
    failing = {
        number: cells for number, cells in groups.items() if any(failed(c.verification) for c in cells)
    }
    if not failing:
        return
    yield Stage(stage="repair")
    tried = set(groups)
    for round_number, (number, cells) in enumerate(failing.items(), start=1):
        try:
            found = await _next_best(run, generator, number, tried)
        except SandboxError as error:
            yield Warn(message=f"Other examples could not be tried: {error.message}", hint=error.hint)
            return
        if found is None:
            title = run.brief.examples[number].title if number < len(run.brief.examples) else "An example"
            message = f"“{title[:100]}” did not run in the sandbox, and no other example fits."
            yield Warn(message=message, hint="Its error is shown at the cell; adapt it before you accept it.")
            continue
        ids = tuple(cell.id for cell in cells)
        yield Repair(round=round_number, cells=ids, reason="This example did not run; the next best one did.")
        for event in await _replacement(run, *found):
            yield run.apply(event)


def _groups(cells: Sequence[GeneratedCell]) -> dict[int, list[GeneratedCell]]:
    groups: dict[int, list[GeneratedCell]] = defaultdict(list)
    for cell in cells:
        number = example_of(cell.id)
        if number is not None:
            groups[number].append(cell)
    return dict(groups)


async def _next_best(
    run: Run, generator: ExamplesGenerator, failing: int, tried: set[int]
) -> tuple[list[GeneratedCell], Verified] | None:
    cells = _groups(run.sheet.cells())[failing]
    for number in generator.alternatives(run.brief, failing, tried)[:MAX_TRIES]:
        tried.add(number)
        replaced = generator.replace(run.brief, number, cells)
        code = [cell for cell in replaced if cell.kind == "code" and cell.source]
        verified: Verified = {}
        async with closing(execute(run, code)) as results:
            async for _, (cell, verification) in results:
                verified[cell.id] = verification
        if all(ran(verified.get(cell.id)) for cell in code):
            return replaced, verified
    return None


async def _replacement(run: Run, cells: Sequence[GeneratedCell], verified: Verified) -> list[Event]:
    shown = [Cell(cell.id, cell.source) for cell in cells if cell.kind == "code" and cell.source]
    findings = await asyncio.to_thread(on_host, shown, (), run.packages)
    events: list[Event] = [
        CellClose(cell=cell.id, source=cell.source, sources=cell.sources) for cell in cells
    ]
    events += [FindingEvent(finding=finding) for finding in findings]
    events += [
        VerificationEvent(cell=cell, verification=verification) for cell, verification in verified.items()
    ]
    return events
