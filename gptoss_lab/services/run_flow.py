"""One execution: its cells in a sandbox, told as they go."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.schemas.execution import ExecutionRequest, Limits, RunStatus
from gptoss_lab.schemas.runs import CellEnd, CellStart, ExecutionEvent, RunUsage
from gptoss_lab.schemas.sandboxes import SandboxUsage
from gptoss_lab.services.cell_runs import cell_bounds, skipped, verification
from gptoss_lab.services.cell_stream import CellStream
from gptoss_lab.services.kernel_session import KernelSession

USAGE_EVERY_S = 1.0

Tell = Callable[[ExecutionEvent], None]


class RunFlow:
    """Runs the cells of one request in a started sandbox.

    Args:
        request: What to run.
        limits: What each cell may take.
        tell: Takes each event; never waits.
        stop: Set when the run is to end: the cell that runs is interrupted.
    """

    def __init__(self, request: ExecutionRequest, limits: Limits, tell: Tell, stop: asyncio.Event) -> None:
        self.status: RunStatus = "ok"
        self.peak = SandboxUsage()
        self._request = request
        self._limits = limits
        self._tell = tell
        self._stop = stop

    async def run(self, session: KernelSession) -> None:
        """Run the cells in order; after one that ends the run, the others are skipped."""
        deadline = time.monotonic() + self._limits.wall_clock_s
        async with self._watched(session):
            going = True
            for number, code in enumerate(self._request.sources):
                if self._stop.is_set():
                    self._note("canceled")
                elif going and time.monotonic() >= deadline:
                    self._note("timeout")
                if not going or self.status in {"canceled", "timeout"}:
                    self._tell(CellEnd(cell=number, verification=skipped(session)))
                    going = False
                    continue
                going = await self._run_cell(session, number, code, deadline)
        if (usage := usage_now(session.id)) is not None:
            self._measured(usage)

    async def _run_cell(self, session: KernelSession, number: int, code: str, deadline: float) -> bool:
        """Run one cell; say whether the next one runs."""
        bounds = cell_bounds(self._limits, deadline)
        stream = CellStream(number, max_bytes=bounds.max_bytes, max_messages=bounds.max_messages)

        def told(*, end: bool = False) -> None:
            for event in stream.take(end=end):
                self._tell(event)

        self._tell(CellStart(cell=number))
        run = await session.run_cell(code, stream, bounds, told=told)
        told(end=True)
        peak = await session.peak_memory_bytes()
        self._tell(CellEnd(cell=number, verification=verification(session, run, peak)))
        self._measured(SandboxUsage(peak_memory_bytes=peak))
        self._note(run.status)
        return run.alive and (run.status == "ok" or not self._request.stop_on_error)

    def _measured(self, usage: SandboxUsage) -> SandboxUsage:
        """Keep the highest of each figure."""
        new, old = usage.model_dump(), self.peak.model_dump()
        highest = {
            name: value if old[name] is None or (value or 0) > old[name] else old[name]
            for name, value in new.items()
        }
        self.peak = SandboxUsage.model_validate(highest)
        return usage

    def _note(self, status: RunStatus) -> None:
        """Remember the first status that is not ok; a stop goes before all."""
        if self.status == "ok" or status == "canceled":
            self.status = status

    @contextlib.asynccontextmanager
    async def _watched(self, session: KernelSession) -> AsyncIterator[None]:
        """Measure while the cells run, and interrupt them when the run is to stop."""

        async def measure() -> None:
            while True:
                await asyncio.sleep(USAGE_EVERY_S)
                usage = usage_now(session.id)
                if usage is not None:
                    self._tell(RunUsage(usage=self._measured(usage)))

        async def interrupt() -> None:
            await self._stop.wait()
            await session.stop("canceled")

        tasks = [asyncio.create_task(measure()), asyncio.create_task(interrupt())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def usage_now(sandbox: str) -> SandboxUsage | None:
    """Return the last figures of a sandbox, where it is known."""
    record = REGISTRY.get(sandbox)
    return None if record is None else record.state().usage
