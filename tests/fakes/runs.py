"""Executions that run nothing: what a cell says is its own text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gptoss_lab.errors import GptossError
from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.config import ExecutionConfig, ModelConfig
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest, Limits, RunStatus
from gptoss_lab.schemas.generation import Problem
from gptoss_lab.schemas.runs import CellEnd, CellStart, ExecutionEvent, RunEnd, RunStart, Stdout
from gptoss_lab.schemas.sandboxes import SandboxFile
from gptoss_lab.services.access import Access
from gptoss_lab.services.job_archive import JobArchive
from gptoss_lab.services.jobs import JobService
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.metrics.service import MetricsService
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.monitor import MonitorService
from gptoss_lab.services.quality.keeper import QualityKeeper
from gptoss_lab.services.runs import execution_lane
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.models import FakeParts
from tests.fakes.played_sessions import PlayedStarts
from tests.fakes.services import FakeExecution


class FakeRuns:
    """A cell `fail` fails, and `hang` runs until it is stopped; other cells print themselves.

    `failure` refuses what is asked; `stopped` counts the executions that were stopped.
    """

    def __init__(self) -> None:
        self.failure: GptossError | None = None
        self.problem: Problem | None = None
        self.files: tuple[SandboxFile, ...] = ()
        self.admitted: list[ExecutionRequest] = []
        self.stopped = 0
        self.hanging = asyncio.Event()

    async def admit(self, request: ExecutionRequest, owner: str) -> None:
        """Refuse what a test says."""
        assert owner
        if self.failure:
            raise self.failure
        self.admitted.append(request)

    async def run(
        self, request: ExecutionRequest, owner: str, stop: asyncio.Event
    ) -> AsyncIterator[ExecutionEvent]:
        """Tell the events of an execution."""
        assert owner
        yield RunStart(
            sandbox="fake-1",
            language=request.language,
            runtime="bubblewrap",
            image="image",
            limits=Limits(),
            cells=len(request.sources),
        )
        worst: RunStatus = "ok"
        for number, code in enumerate(request.sources):
            yield CellStart(cell=number)
            status: RunStatus = "error" if code == "fail" else "ok"
            if code == "hang":
                self.hanging.set()
                await stop.wait()
                self.stopped += 1
                status = "canceled"
            else:
                yield Stdout(cell=number, text=f"{code}\n")
            worst = status if worst == "ok" else worst
            run = CellVerification(status=status, runtime="bubblewrap", execution_count=number + 1)
            yield CellEnd(cell=number, verification=run)
        kept = "fake-1" if request.keep else ""
        yield RunEnd(status=worst, sandbox=kept, files=self.files, problem=self.problem)


class RunServices:
    """The real jobs, and executions that run nothing."""

    def __init__(self) -> None:
        self.runs = FakeRuns()
        self.execution = FakeExecution()
        self.sandboxes = SandboxService(KeptSandboxes(9, PlayedStarts()))
        self.jobs = JobService(lanes=(execution_lane(self.runs, slots=2),), config=ExecutionConfig())
        self.archive = JobArchive(self.jobs, None, ExecutionConfig())
        self.access = Access()
        quality = QualityKeeper(None, 1.0)
        self.metrics = MetricsService(quality)
        self.monitor = MonitorService(
            quality=quality,
            metrics=self.metrics,
            model=ModelService(ModelConfig(), FakeParts()),
            sandboxes=self.execution,
            archive=self.archive,
            folder=data_dir(),
        )
        self.closed = False

    async def close(self) -> None:
        """Close them."""
        await self.monitor.close()
        await self.jobs.close()
        self.closed = True
