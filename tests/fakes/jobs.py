"""A job service over events that a test names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.events import (
    CellClose,
    CellDelta,
    CellOpen,
    Done,
    Event,
)
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.jobs import JobService, Watcher
from gptoss_lab.services.lanes import generation_lane
from tests.fakes.generation import Held

REQUEST = CodeGenerationRequest(task="x")
Runner = Callable[[CodeGenerationRequest], AsyncIterator[Event]]


def cell(name: str, index: int, text: str) -> list[Event]:
    """Return the events of one cell."""
    opened = CellOpen(cell=name, index=index, kind="code", language="python")
    return [opened, CellDelta(cell=name, text=text), CellClose(cell=name, source=text)]


def runs(*events: Event, hold: Held | None = None) -> Runner:
    """Return a generation of these events, that then stops at `hold` or ends."""

    async def run(request: CodeGenerationRequest) -> AsyncIterator[Event]:
        assert request == REQUEST
        for event in events:
            yield event
            await asyncio.sleep(0)
        if hold:
            await hold.wait()
        yield Done(state="done", cells=1)

    return run


def jobs(run: Runner, watchers: Sequence[Watcher] = (), **limits: int) -> JobService:
    """Return a job service."""
    config = ExecutionConfig.model_validate(limits)
    return JobService(lanes=(generation_lane(run, slots=config.max_jobs),), config=config, watchers=watchers)


def got(service: JobService, job: str) -> CodeGenerationResponse:
    """Return my generation as it stands."""
    return service.get_as(CodeGenerationResponse, job, "me")


async def seen(service: JobService, job: str, after: int = 0) -> list[JobEvent]:
    """Read a job to its end."""
    return [event async for event in service.events(job, "me", after)]
