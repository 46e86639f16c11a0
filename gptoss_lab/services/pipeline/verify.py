"""Verify: the cells run in order in a fresh sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from gptoss_lab.errors import ImageMissingError, SandboxError, SandboxUnavailableError
from gptoss_lab.schemas.events import EnvironmentEvent, Event, Progress, Stage, VerificationEvent, Warn
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest, SandboxStatus
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.pipeline.in_place import MAX_CELLS, run_in_place
from gptoss_lab.services.pipeline.run import Run
from gptoss_lab.services.streams import closing


async def verify(run: Run) -> AsyncIterator[Event]:
    """Run all code cells; where no sandbox answers, say so once and leave them unverified.

    The notebook's own cells are not run: they may read files that only the person has. Changed cells
    are of no use without those above them, so that these are run first.
    """
    cells = run.sheet.code()
    if not run.request.verify or not cells:
        return
    if not run.has_sandbox:
        yield _off(run.sandbox)
        return
    yield Stage(stage="verify")
    try:
        async with closing(run_in_place(run) if run.changes else _in_order(run, cells)) as events:
            async for event in events:
                yield event
                if isinstance(event, VerificationEvent):
                    for said in ran_in(run, event.verification):
                        yield said
    except SandboxError as error:
        yield Warn(message=f"The cells could not be run: {error.message}", hint=error.hint)


async def _in_order(run: Run, cells: Sequence[GeneratedCell]) -> AsyncIterator[Event]:
    async with closing(execute(run, cells[:MAX_CELLS])) as results:
        async for done, (cell, verification) in results:
            yield run.apply(VerificationEvent(cell=cell.id, verification=verification))
            yield Progress(stage="verify", done=done, total=len(cells))


def ran_in(run: Run, verification: CellVerification) -> Iterator[Event]:
    """Say what a cell ran in, if that was not said before."""
    environment = run.executor.environment(verification.image)
    if environment is not None and environment.image != run.environment:
        run.environment = environment.image
        yield EnvironmentEvent(environment=environment)


def _off(sandbox: SandboxStatus) -> Warn:
    missing: type[SandboxError] = ImageMissingError if sandbox.available else SandboxUnavailableError
    default = "the sandbox environment was not built" if sandbox.available else "no sandbox answers here"
    reason = (sandbox.reason or default).rstrip(".")
    return Warn(message=f"The cells were not run: {reason}.", hint=sandbox.hint or missing.default_hint)


async def execute(
    run: Run, cells: Sequence[GeneratedCell]
) -> AsyncIterator[tuple[int, tuple[GeneratedCell, CellVerification]]]:
    """Run cells in a fresh sandbox; yield how many are done, and how each did.

    Raises:
        SandboxError: The sandbox failed.
    """
    request = ExecutionRequest(
        cells=tuple(cell.source for cell in cells),
        language=run.request.language,
        kernel=run.request.kernel,
        limits=run.request.limits,
        data=run.request.data,
        # Examples stand alone: one that fails says nothing of the next.
        stop_on_error=run.generator.name != "examples",
    )
    done = 0
    async with closing(run.executor.run(request)) as results:
        async for index, verification in results:
            done += 1
            yield done, (cells[index], verification)
