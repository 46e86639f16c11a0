"""Run changed cells where they stand: after the notebook's cells above, among those that stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from gptoss_lab.schemas.events import Event, Progress, VerificationEvent, Warn
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.pipeline.run import Run, failed
from gptoss_lab.services.streams import closing

MAX_CELLS = 200
_MAX_LINE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One cell to run. `cell` is None for one of the notebook's; `kept` is an edited one that stays."""

    source: str
    cell: GeneratedCell | None = None
    kept: str = ""


def steps(run: Run) -> list[Step]:
    """Return what runs, in order; without the cells above where there are too many to run."""
    own = {cell.id: cell for cell in run.sheet.code()}
    program = [
        Step(cell.source, own.get(cell.id), "" if cell.id in own else cell.id) for cell in run.checkable()
    ]
    above = [Step(source) for source in run.above()]
    whole = [*above, *program] if len(above) + len(program) <= MAX_CELLS else program
    return whole[:MAX_CELLS]


async def run_in_place(run: Run) -> AsyncIterator[Event]:
    """Run the changed cells, and tell of no other; the first that fails ends it, as it does a notebook.

    Raises:
        SandboxError: The sandbox failed.
    """
    run.broken_above = ""
    order = steps(run)
    own = [step.cell for step in order if step.cell is not None]
    request = ExecutionRequest(
        cells=tuple(step.source for step in order),
        language=run.request.language,
        kernel=run.request.kernel,
        limits=run.request.limits,
        data=run.request.data,
        # A cell above may read a file that only the person has; those below it may do without.
        stop_on_error=False,
    )
    done = 0
    async with closing(run.executor.run(request)) as results:
        async for index, verification in results:
            step = order[index]
            if step.cell is not None:
                done += 1
                yield run.apply(VerificationEvent(cell=step.cell.id, verification=verification))
                yield Progress(stage="verify", done=done, total=len(own))
                if failed(verification):
                    break
            elif failed(verification):
                for event in _told(run, step, verification):
                    yield event
                if verification.status != "error":
                    return
    for cell in own[done:]:
        skipped = CellVerification(status="skipped")
        yield run.apply(VerificationEvent(cell=cell.id, verification=skipped))


def _told(run: Run, step: Step, verification: CellVerification) -> list[Event]:
    """Return what to say of a cell that is not ours and failed; of the cells above only the first counts."""
    lines = verification.error.strip().splitlines()
    why = (lines[-1] if lines else f"it ended with {verification.status}")[:_MAX_LINE]
    if step.kept:
        return run.once(
            Warn(
                message=f"A cell that stays as it is does not run after the change: {why}",
                hint="Have it changed along with the others, or look at it before you accept.",
            )
        )
    if run.broken_above:
        return []
    run.broken_above = why
    return run.once(
        Warn(
            message=f"A cell above does not run in the sandbox: {why}",
            hint="It may need a file or a connection that the sandbox does not have. "
            "If the changed cells fail after it, that says nothing of them.",
        )
    )
