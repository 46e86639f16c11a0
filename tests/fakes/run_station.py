"""Everything that executions need, put together, over whatever starts sessions."""

from __future__ import annotations

import asyncio
from typing import Any

from gptoss_lab.schemas.config import ExecutionConfig, SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.runs import ExecutionResponse, RunEnd
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.jobs import JobService
from gptoss_lab.services.kept import KeptSandboxes, Start
from gptoss_lab.services.run_place import Places
from gptoss_lab.services.runs import RunService, execution_lane


class RunStation:
    """An execution service and its jobs.

    Args:
        execution: Knows the runtimes.
        config: What sandboxes may do.
        start: Starts sessions.
        check: Whether cells are looked at before they run, unless a request says otherwise.
    """

    def __init__(
        self, execution: ExecutionService, config: SandboxConfig, start: Start, *, check: bool = True
    ) -> None:
        self.execution = execution
        self.kept = KeptSandboxes(config.max_sandboxes, start)
        places = Places(config=config, execution=execution, kept=self.kept, start=start)
        self.runs = RunService(execution=execution, places=places)
        lane = execution_lane(self.runs, slots=config.max_sandboxes)
        self.jobs = JobService(lanes=(lane,), config=ExecutionConfig())
        self._check = check

    async def run(self, *cells: str, owner: str = "me", **more: Any) -> list[Any]:
        """Run cells to their end and return the events."""
        request = asked(*cells, **{"check": self._check, **more})
        await self.runs.admit(request, owner)
        return [event async for event in self.runs.run(request, owner, asyncio.Event())]

    async def end(self, *cells: str, **more: Any) -> RunEnd:
        """Run cells and return the last event."""
        last: RunEnd = (await self.run(*cells, **more))[-1]
        return last

    def submit(self, *cells: str, **more: Any) -> str:
        """Start a job."""
        return self.jobs.submit(asked(*cells, **{"check": self._check, **more}), "me").job

    async def finished(self, job: str) -> ExecutionResponse:
        """Wait for the end of a job."""
        response = await self.jobs.finished(job, "me")
        assert isinstance(response, ExecutionResponse)
        return response

    async def close(self) -> None:
        """Close all."""
        await self.jobs.close()
        await self.kept.close()
        await self.execution.close()


def asked(*cells: str, **more: Any) -> ExecutionRequest:
    """Return a request."""
    return ExecutionRequest.model_validate({"cells": cells, **more})
