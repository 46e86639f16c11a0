"""What is kept of jobs, for how long, and what is done with it once more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.errors import NotFoundError
from gptoss_lab.schemas.events import (
    Done,
    Event,
)
from gptoss_lab.schemas.generation import CodeGenerationRequest, NotebookContext
from gptoss_lab.schemas.runs import ExecutionResponse
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST, cell, got, jobs, runs, seen


async def test_old_jobs_are_forgotten() -> None:
    """Only so many ended jobs are kept, the newest."""
    service = jobs(runs(), max_jobs_kept=2)
    names = []
    for _ in range(4):
        names.append(service.submit(REQUEST, "me").job)
        await seen(service, names[-1])
    assert [job.job for job in service.list("me").jobs] == [names[3], names[2]]
    with pytest.raises(NotFoundError):
        service.get(names[0], "me")


async def test_the_ring_is_bounded_in_bytes() -> None:
    """Old events go, the last one stays, and a reader who comes late gets the state instead."""
    hold = Held()
    big: list[Event] = [event for number in range(20) for event in cell(f"c{number}", number, "x" * 40_000)]
    service = jobs(runs(*big, hold=hold), max_job_bytes=1 << 17)
    job = service.submit(REQUEST, "me").job
    await hold.reached.wait()
    kept = service._jobs[job]
    assert kept.bytes_kept <= 1 << 17
    await service.cancel(job, "me")
    events = await seen(service, job, after=1)
    assert events[-1].type == "done"
    assert len([event for event in events if event.type == "cell_open"]) == 20


async def test_one_event_over_the_limit_is_kept() -> None:
    """The last word is never lost."""
    service = jobs(runs(*cell("a", 0, "x" * 200_000)), max_job_bytes=1 << 16)
    job = service.submit(REQUEST, "me").job
    events = await seen(service, job)
    assert events[-1].type == "done"
    assert got(service, job).cells[0].source == "x" * 200_000


async def test_large_jobs_are_forgotten_first_in_first_out() -> None:
    """All jobs together keep so many bytes; the running one and the newest stay."""
    service = jobs(runs(*cell("a", 0, "x" * 300_000)), max_bytes_kept=1 << 20)
    names = []
    for _ in range(4):
        names.append(service.submit(REQUEST, "me").job)
        await seen(service, names[-1])
        await asyncio.sleep(0)
    assert [job.job for job in service.list("me").jobs] == [names[3]]


async def test_a_batch_is_bounded_in_bytes() -> None:
    """A reader gets large events one after the other, so that the loop does not write them all at once."""
    hold = Held()
    big: list[Event] = [event for number in range(4) for event in cell(f"c{number}", number, "x" * 200_000)]
    service = jobs(runs(*big, hold=hold))
    job = service.submit(REQUEST, "me").job
    await hold.reached.wait()
    await service.cancel(job, "me")
    batches = [batch async for batch in service.batches(job, "me")]
    assert [event.seq for batch in batches for event in batch] == list(range(1, 15))
    assert max(sum(map(service._jobs[job].transcript.weigh, batch)) for batch in batches) < 500_000


async def test_a_job_of_one_kind_is_not_of_another() -> None:
    """Whoever asks for an execution does not get a generation."""
    service = jobs(runs())
    job = service.submit(REQUEST, "me").job
    await seen(service, job)
    with pytest.raises(NotFoundError):
        service.get_as(ExecutionResponse, job, "me")
    assert (await service.finished(job, "me")).kind == "generate"


async def test_requests_count_among_what_is_kept() -> None:
    """A large notebook is sent with each request: the oldest are forgotten with their jobs."""
    large = CodeGenerationRequest(task="x", context=NotebookContext(cells=("y" * 300_000,)))

    async def run(request: CodeGenerationRequest) -> AsyncIterator[Event]:
        assert request == large
        yield Done(state="done", cells=0)

    service = jobs(run, max_bytes_kept=1 << 20, max_job_bytes=1 << 20)
    names = [service.submit(large, "me").job for _ in range(6)]
    for name in names:
        await service._jobs[name].until_end() if name in service._jobs else None
        await asyncio.sleep(0)
    service.submit(large, "me")
    left = [job.job for job in service.list("me").jobs]
    assert names[0] not in left
    assert names[-1] in left
    await service.close()
