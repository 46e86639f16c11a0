from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.errors import EngineTimeoutError, NotFoundError, TooBusyError
from gptoss_lab.schemas.events import (
    EVENT,
    Done,
    Event,
    Stage,
    VerificationEvent,
)
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job import Job
from gptoss_lab.services.transcript import Transcript
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST, cell, got, jobs, runs, seen


async def test_events_are_numbered_without_gaps() -> None:
    """A job begins with its queue event, counts from 1 and ends with its last event."""
    service = jobs(runs(*cell("a", 0, "x")))
    job = service.submit(REQUEST, "me").job
    events = await seen(service, job)
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert {event.job for event in events} == {job}
    assert [event.type for event in events] == ["queued", "cell_open", "cell_delta", "cell_close", "done"]
    answer = got(service, job)
    assert (answer.state, answer.last_seq, answer.cells[0].source) == ("done", 5, "x")
    assert answer.finished_at


async def test_reader_resumes_where_it_was_cut() -> None:
    """A reader gets what follows the number that it names, and nothing when it has all."""
    service = jobs(runs(*cell("a", 0, "x")))
    job = service.submit(REQUEST, "me").job
    await seen(service, job)
    assert [event.seq for event in await seen(service, job, after=3)] == [4, 5]
    assert await seen(service, job, after=5) == []


async def test_number_of_another_life_begins_again() -> None:
    """A number that the job never gave out leads to all events."""
    service = jobs(runs())
    job = service.submit(REQUEST, "me").job
    await seen(service, job)
    assert [event.seq for event in await seen(service, job, after=999)] == [1, 2]


async def test_many_readers_see_the_same() -> None:
    """Readers that come early, late or stop in the middle do not disturb each other."""
    hold = Held()
    service = jobs(runs(*cell("a", 0, "x"), hold=hold))
    job = service.submit(REQUEST, "me").job
    early = [asyncio.ensure_future(seen(service, job)) for _ in range(3)]
    gone = asyncio.ensure_future(seen(service, job))
    await hold.reached.wait()
    gone.cancel()
    late = asyncio.ensure_future(seen(service, job))
    await asyncio.sleep(0)
    await service.cancel(job, "me")
    first, *others = await asyncio.gather(*early, late)
    assert all(other == first for other in others)


async def test_slow_reader_does_not_hold_the_job_up() -> None:
    """A job ends while a reader sits on its first event; memory stays within the ring."""
    service = jobs(runs(*[Stage(stage="collect")] * 500), max_events_kept=100)
    job = service.submit(REQUEST, "me").job
    reader = service.events(job, "me")
    first = await reader.__anext__()
    assert first.seq == 1
    await seen(service, job)
    assert got(service, job).state == "done"
    rest = [event async for event in reader]
    assert rest[-1].type == "done"


async def test_reader_that_missed_too_much_catches_up() -> None:
    """Where the ring begins too late the state comes as unnumbered events that fold into the same cells."""
    noise: list[Event] = [Stage(stage="collect")] * 300
    half = cell("b", 1, "half")[:2]
    hold = Held()
    service = jobs(runs(*cell("a", 0, "x"), *noise, *half, hold=hold), max_events_kept=100)
    job = service.submit(REQUEST, "me").job
    await hold.reached.wait()
    reading = asyncio.ensure_future(seen(service, job, after=2))
    await asyncio.sleep(0)
    await service.cancel(job, "me")
    events = await reading
    numbered = [event for event in events if event.seq]
    assert [event.type for event in numbered] == ["cell_close", "done"]
    assert numbered[-1].seq == got(service, job).last_seq
    transcript = Transcript(job, REQUEST)
    for event in events:
        transcript.apply(EVENT.validate_python(event.model_dump()))
    assert transcript.response().cells == got(service, job).cells


async def test_catching_up_on_an_ended_job_tells_how_it_ended() -> None:
    """The last event follows the state, with its number."""
    service = jobs(runs(*cell("a", 0, "x"), *[Stage(stage="collect")] * 300), max_events_kept=100)
    job = service.submit(REQUEST, "me").job
    await seen(service, job, after=1)
    events = await seen(service, job, after=1)
    assert [event.type for event in events] == ["cell_open", "cell_close", "stage", "done"]
    assert [event.seq for event in events][:-1] == [0, 0, 0]
    assert events[-1].seq == got(service, job).last_seq


async def test_jobs_of_others_do_not_exist() -> None:
    """Another person's job is not found, by any verb, and not listed."""
    service = jobs(runs())
    job = service.submit(REQUEST, "me").job
    with pytest.raises(NotFoundError):
        service.get(job, "you")
    with pytest.raises(NotFoundError):
        service.events(job, "you")
    with pytest.raises(NotFoundError):
        await service.cancel(job, "you")
    assert service.list("you").jobs == ()
    assert [entry.job for entry in service.list("me").jobs] == [job]
    await service.close()


async def test_a_list_of_jobs_is_short() -> None:
    """It counts cells and cuts tasks, so that two hundred jobs are quick to send."""
    run = CellVerification(status="ok", outputs=({"text": "z" * 9000},))
    request = CodeGenerationRequest(task="x" * 9000)

    async def events(_: CodeGenerationRequest) -> AsyncIterator[Event]:
        for event in [*cell("a", 0, "y" * 9000), VerificationEvent(cell="a", verification=run)]:
            yield event
        yield Done(state="done", cells=1)

    service = jobs(events)
    job = service.submit(request, "me").job
    await seen(service, job)
    (entry,) = service.list("me").jobs
    assert (entry.job, entry.state, len(entry.task)) == (job, "done", 200)
    assert (entry.cells, entry.verified) == (1, 1)
    assert len(entry.model_dump_json()) < 1000
    await service.close()


async def test_jobs_wait_for_their_turn() -> None:
    """Over the limit jobs queue with their position, and start when one ends."""
    hold = Held()
    service = jobs(runs(hold=hold), max_jobs=1)
    first = service.submit(REQUEST, "me").job
    second = service.submit(REQUEST, "me").job
    third = service.submit(REQUEST, "me").job
    await hold.reached.wait()
    assert [got(service, job).state for job in (second, third)] == ["queued", "queued"]
    reader = service.events(third, "me")
    assert (await reader.__anext__()).model_dump()["position"] == 2
    await service.cancel(first, "me")
    assert (await reader.__anext__()).model_dump()["position"] == 1
    await service.cancel(second, "me")
    assert service.get(second, "me").state == "cancelled"
    await service.close()
    assert service.get(third, "me").state == "cancelled"


async def test_full_queue_refuses() -> None:
    """Beyond the queue there is a typed refusal with a hint."""
    service = jobs(runs(hold=Held()), max_jobs=1)
    for _ in range(9):
        service.submit(REQUEST, "me")
    with pytest.raises(TooBusyError) as refused:
        service.submit(REQUEST, "me")
    assert refused.value.status == 429
    await service.close()
    with pytest.raises(TooBusyError):
        service.submit(REQUEST, "me")


async def test_queued_job_is_cancelled_without_running() -> None:
    """A job that never ran ends with one event and leaves the queue."""
    hold = Held()
    service = jobs(runs(hold=hold), max_jobs=1)
    service.submit(REQUEST, "me")
    queued = service.submit(REQUEST, "me").job
    assert (await service.cancel(queued, "me")).state == "cancelled"
    assert [event.type for event in await seen(service, queued)] == ["queued", "done"]
    await service.close()


async def test_cancel_keeps_closed_cells_and_takes_half_ones_back() -> None:
    """After a cancel closed cells stand, the open one is removed, all is released, nothing follows."""
    hold = Held()
    before = asyncio.all_tasks()
    service = jobs(runs(*cell("a", 0, "x"), *cell("b", 1, "half")[:2], hold=hold))
    job = service.submit(REQUEST, "me").job
    await hold.reached.wait()
    stopped = await service.cancel(job, "me")
    assert hold.released
    answer = got(service, job)
    assert stopped == answer
    assert (answer.state, [entry.source for entry in answer.cells]) == ("cancelled", ["x"])
    events = await seen(service, job)
    assert [event.type for event in events][-2:] == ["cell_close", "done"]
    assert asyncio.all_tasks() == before
    assert await service.cancel(job, "me") == answer


async def test_cancel_right_after_submit() -> None:
    """A job whose task never took a step still ends exactly once."""
    service = jobs(runs())
    job = service.submit(REQUEST, "me").job
    assert (await service.cancel(job, "me")).state == "cancelled"
    assert [event.type for event in await seen(service, job)] == ["queued", "done"]


async def test_cancel_waits_for_a_slow_release_and_twice_does_not_cut_it() -> None:
    """A second cancel, as an impatient person sends it, lets the first one finish."""
    started, released = asyncio.Event(), False

    async def run(_: CodeGenerationRequest) -> AsyncIterator[Event]:
        nonlocal released
        try:
            yield Stage(stage="verify")
            started.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            released = True

    service = jobs(run)
    job = service.submit(REQUEST, "me").job
    await started.wait()
    await asyncio.gather(service.cancel(job, "me"), service.cancel(job, "me"))
    assert released
    assert got(service, job).state == "cancelled"


async def test_fault_of_ours_ends_the_job(caplog: pytest.LogCaptureFixture) -> None:
    """A bug is logged and told as a fault, without its inside."""

    async def run(_: CodeGenerationRequest) -> AsyncIterator[Event]:
        yield cell("a", 0, "x")[0]
        raise RuntimeError("secret inside")

    service = jobs(run)
    job = service.submit(REQUEST, "me").job
    events = await seen(service, job)
    assert [event.type for event in events][-2:] == ["cell_close", "error"]
    error = got(service, job).error
    assert error
    assert (error.status, error.code) == (500, "internal")
    assert "secret" not in error.detail
    assert "secret inside" in caplog.text


async def test_typed_fault_ends_the_job_with_its_hint() -> None:
    """An error that a generation raises instead of telling it is told all the same."""

    async def run(_: CodeGenerationRequest) -> AsyncIterator[Event]:
        yield Stage(stage="stream")
        raise EngineTimeoutError("Silent.")

    service = jobs(run)
    job = service.submit(REQUEST, "me").job
    await seen(service, job)
    error = got(service, job).error
    assert error
    assert error.code == "engine_timeout"


async def test_generation_without_an_end_is_an_error() -> None:
    """A stream that just stops is not taken for success."""

    async def run(_: CodeGenerationRequest) -> AsyncIterator[Event]:
        yield Stage(stage="stream")

    service = jobs(run)
    job = service.submit(REQUEST, "me").job
    assert (await seen(service, job))[-1].type == "error"


async def test_who_watches_ends_no_job() -> None:
    """A watcher that fails at every event keeps nobody from the end of the job, nor other watchers."""

    class Broken:
        def begin(self, _job: Job) -> None:
            """Take a job."""

        def note(self, _job: Job, _event: JobEvent) -> None:
            """Fail."""
            raise RuntimeError("watching failed")

    class Counting(Broken):
        told = 0

        def note(self, _job: Job, _event: JobEvent) -> None:
            """Count."""
            self.told += 1

    counting = Counting()
    service = jobs(runs(*cell("a", 0, "x")), watchers=(Broken(), counting))
    job = service.submit(REQUEST, "me").job
    events = await asyncio.wait_for(seen(service, job), 10)
    assert events[-1].type == "done"
    assert counting.told == len(events)
