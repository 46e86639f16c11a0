"""Jobs out of the store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.schemas.additions import AdditionRequest
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.events import Done, Event
from gptoss_lab.schemas.execution import ExecutionRequest, SentFile
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.runs import CellStart, ExecutionEvent, ExecutionResponse, RunEnd, Stdout
from gptoss_lab.services.additions import addition_lane
from gptoss_lab.services.job_archive import JobArchive
from gptoss_lab.services.job_store.keeper import JobKeeper
from gptoss_lab.services.job_store.restore import kind_of
from gptoss_lab.services.jobs import JobService
from gptoss_lab.services.lanes import Lane
from gptoss_lab.services.run_transcript import RunTranscript
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST

RUN = ExecutionRequest(code="print(1)", files=(SentFile(path="a.csv", content_base64=""),))


def executions(folder: Path, hold: Held | None = None) -> tuple[JobService, JobArchive]:
    """Return jobs of executions that print, on a folder."""

    async def run(_: object) -> AsyncIterator[ExecutionEvent]:
        yield CellStart(cell=0)
        yield Stdout(cell=0, text="1\n")
        if hold:
            await hold.wait()
        yield RunEnd(status="ok")

    config = ExecutionConfig()
    keeper = JobKeeper(folder, config)
    lane = Lane(request=ExecutionRequest, run=run, transcript=RunTranscript, slots=lambda: 1)
    jobs = JobService(lanes=(lane,), config=config, watchers=(keeper,))
    return jobs, JobArchive(jobs, keeper, config)


@pytest.mark.parametrize("killed", [False, True])
async def test_an_execution_outlives_its_server(tmp_path: Path, *, killed: bool) -> None:
    """With its outputs; one that was cut off says so."""
    hold = Held() if killed else None
    jobs, archive = executions(tmp_path, hold)
    job = jobs.submit(RUN, "me").job
    if hold:
        await hold.reached.wait()
        jobs._jobs[job].watch = lambda _job, _event: None
    else:
        await jobs.finished(job, "me")
    before = await archive.get(job, "me")
    await jobs.close()
    await archive.close()
    again, later = executions(tmp_path)
    answer = await later.get(job, "me")
    assert isinstance(answer, ExecutionResponse)
    assert isinstance(before, ExecutionResponse)
    assert answer.created_at == before.created_at
    assert answer.finished_at
    assert answer == before if not killed else answer.error is not None
    events = [event async for batch in await later.batches(job, "me") for event in batch]
    assert "1\n" in [event.text for event in events if isinstance(event, Stdout)]
    assert events[-1].type == "end"
    await again.close()
    await later.close()


def test_kinds_are_those_of_requests() -> None:
    """A generation is not an execution."""
    assert (kind_of(REQUEST), kind_of(RUN)) == ("generate", "execute")


async def test_an_addition_outlives_its_server(tmp_path: Path) -> None:
    """Its list still says what was added."""
    cell = GeneratedCell(id="a", kind="code", language="python", source="import polars")
    addition = AdditionRequest(
        of="j", packages=("polars",), request=REQUEST, cells=(cell,), generator="model"
    )

    async def add(_: AdditionRequest) -> AsyncIterator[Event]:
        yield Done(state="done", cells=1)

    config = ExecutionConfig()
    keeper = JobKeeper(tmp_path, config)
    jobs = JobService(lanes=(addition_lane(add),), config=config, watchers=(keeper,))
    job = jobs.submit(addition, "me").job
    before = await jobs.finished(job, "me")
    await jobs.close()
    await keeper.close()
    again, later = executions(tmp_path)
    assert await later.get(job, "me") == before
    assert [(row.kind, row.task) for row in (await later.list("me")).jobs] == [("add", "polars")]
    await again.close()
    await later.close()
