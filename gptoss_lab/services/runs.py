"""Executions: cells in, events out, in a fresh sandbox or in one that was kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Protocol

from gptoss_lab.errors import CancelledByUser, GptossError, SandboxLostError
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.execution import ExecutionRequest, RunStatus
from gptoss_lab.schemas.runs import ExecutionEvent, Keepalive, RunEnd, RunFinding, RunStart
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.job import Job
from gptoss_lab.services.kernel_session import KernelSession
from gptoss_lab.services.lanes import Lane
from gptoss_lab.services.problems import problem_of
from gptoss_lab.services.run_check import check_run, check_run_in, forbids
from gptoss_lab.services.run_files import check_files, list_files, send_files
from gptoss_lab.services.run_flow import RunFlow, Tell
from gptoss_lab.services.run_place import Place, Places, Plan
from gptoss_lab.services.run_transcript import RunTranscript

KEEPALIVE_S = 5.0


class RunService:
    """Runs executions, each told by its events.

    Args:
        execution: Knows the images and what they hold.
        places: Where executions run.
    """

    def __init__(self, *, execution: ExecutionService, places: Places) -> None:
        self._execution = execution
        self._places = places

    async def admit(self, request: ExecutionRequest, owner: str) -> None:
        """Refuse what could not run, before there is anything of it.

        Raises:
            RequestError: A file has no plain path, or is not base64.
            GptossError: As `Places.plan` does.
        """
        await self._places.plan(request, owner)
        if request.files:
            await asyncio.to_thread(check_files, request)

    async def run(
        self, request: ExecutionRequest, owner: str, stop: asyncio.Event
    ) -> AsyncIterator[ExecutionEvent]:
        """Yield the events of an execution, exactly one `RunEnd` last.

        Args:
            request: What to run.
            owner: Whose sandboxes it may use.
            stop: Once it is set the cell that runs is interrupted, and the execution ends.
        """
        line: asyncio.Queue[ExecutionEvent | None] = asyncio.Queue()
        started = time.monotonic()

        def timed(event: ExecutionEvent) -> ExecutionEvent:
            return event.model_copy(update={"t": round(time.monotonic() - started, 3)})

        def tell(event: ExecutionEvent) -> None:
            line.put_nowait(timed(event))

        work = asyncio.create_task(self._work(request, owner, tell, stop))
        work.add_done_callback(lambda _: line.put_nowait(None))
        try:
            while True:
                event = await _next(line)
                if event is None:
                    work.result()
                    return
                yield timed(event) if isinstance(event, Keepalive) else event
        finally:
            work.cancel()
            await asyncio.wait({work})

    async def _work(self, request: ExecutionRequest, owner: str, tell: Tell, stop: asyncio.Event) -> None:
        started = time.monotonic()
        try:
            end = await self._carry_out(request, owner, tell, stop)
        except GptossError as error:
            end = _failed(request, error)
        if stop.is_set():
            end = end.model_copy(update={"status": "canceled", "problem": None})
        tell(end.model_copy(update={"duration_s": time.monotonic() - started}))

    async def _carry_out(
        self, request: ExecutionRequest, owner: str, tell: Tell, stop: asyncio.Event
    ) -> RunEnd:
        plan = await self._places.plan(request, owner)
        is_r = plan.language == "r"
        if request.check and not is_r and await self._is_hopeless(request, plan, tell):
            return RunEnd(status="error", sandbox=request.sandbox)
        async with self._places.open(plan, request, stop) as place:
            tell(_start(place, plan, request))
            flow = RunFlow(request, place.limits, tell, stop)
            if request.check and is_r and await self._is_hopeless(request, plan, tell, place.session):
                flow.status = "error"
            else:
                await send_files(place.session, request)
                await flow.run(place.session)
            lost = place.lives_on and not place.outlives
            place.lives_on &= plan.kept is not None or not stop.is_set()
            return RunEnd(
                status=flow.status,
                sandbox=place.session.id if place.outlives else "",
                state_lost=lost,
                usage_peak=flow.peak,
                files=await list_files(place.session) if place.outlives else (),
            )

    async def _is_hopeless(
        self, request: ExecutionRequest, plan: Plan, tell: Tell, session: KernelSession | None = None
    ) -> bool:
        """Tell what the checks find, here or in a sandbox; say whether it is of no use to run."""
        image = plan.image or await self._execution.image(plan.language)
        if session is None:
            findings = await asyncio.to_thread(check_run, request, image)
        else:
            findings = await check_run_in(session, request, image.packages if image else {})
        for finding in findings:
            tell(RunFinding(cell=int(finding.cell), finding=finding))
        return forbids(findings, stop_on_error=request.stop_on_error)


class Runs(Protocol):
    """Whoever can run executions."""

    def run(
        self, request: ExecutionRequest, owner: str, stop: asyncio.Event
    ) -> AsyncIterator[ExecutionEvent]:
        """Yield the events of an execution, exactly one `RunEnd` last."""


def execution_lane(runs: Runs, *, slots: int) -> Lane:
    """Return the lane of executions; two that name one sandbox follow one another."""

    def run(job: Job) -> AsyncIterator[ExecutionEvent]:
        return runs.run(job.request, job.owner, job.stop)

    return Lane(
        request=ExecutionRequest,
        run=run,
        transcript=RunTranscript,
        slots=lambda: slots,
        key=lambda request: str(request.sandbox),
        stops_itself=True,
    )


async def _next(line: asyncio.Queue[ExecutionEvent | None]) -> ExecutionEvent | None:
    """Return the next event; after a silence, one that says that the run goes on."""
    if not line.empty():
        return line.get_nowait()
    try:
        return await within(line.get(), KEEPALIVE_S)
    except asyncio.TimeoutError:
        return Keepalive()


def _failed(request: ExecutionRequest, error: GptossError) -> RunEnd:
    """Return the end of a run that could not begin, or whose sandbox failed."""
    lost = isinstance(error, SandboxLostError)
    status: RunStatus = "sandbox_lost" if lost else "error"
    if isinstance(error, CancelledByUser):
        status = "canceled"
    return RunEnd(status=status, state_lost=lost and bool(request.sandbox), problem=problem_of(error))


def _start(place: Place, plan: Plan, request: ExecutionRequest) -> RunStart:
    session = place.session
    return RunStart(
        sandbox=session.id,
        language=plan.language,
        runtime=session.provisioner.runtime_name,
        isolation=session.provisioner.isolation,
        image=session.provisioner.image,
        environment=session.provisioner.environment,
        limits=place.limits,
        data=session.provisioner.data,
        cells=len(request.sources),
        warm=plan.kept is not None or session.provisioner.was_warm,
    )
