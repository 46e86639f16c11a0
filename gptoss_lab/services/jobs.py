"""Jobs of this server: queues, limits, and events that many can read."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from gptoss_lab.errors import GptossError, LimitReachedError, NotFoundError, TooBusyError
from gptoss_lab.schemas.additions import AdditionRequest
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest, JobList
from gptoss_lab.schemas.model import QueueState
from gptoss_lab.schemas.runs import JobEvent, JobResponse
from gptoss_lab.services.job import Job
from gptoss_lab.services.lanes import Lane
from gptoss_lab.services.owners import OWNER
from gptoss_lab.services.streams import closing
from gptoss_lab.services.work import JOB, REQUEST, STAGE

LOG = logging.getLogger(__name__)
STOP_WITHIN_S = 15.0
RETRY_AFTER_S = 10.0

Response = TypeVar("Response")


class Watcher(Protocol):
    """Whoever keeps jobs beyond the life of this server, or counts them; neither method waits."""

    def begin(self, job: Job) -> None:
        """Take note of a job that begins."""

    def note(self, job: Job, event: JobEvent) -> None:
        """Take note of an event of it, and of the end that it may be."""


class JobService:
    """Runs jobs in the background. All methods belong to one event loop.

    Args:
        lanes: One for each kind of job.
        config: Limits on what is remembered of jobs.
        watchers: Who is told of each job and of each of its events.
        most_waiting: How many jobs of one owner may wait; 0 for as many as the lanes let.
    """

    def __init__(
        self,
        *,
        lanes: Sequence[Lane],
        config: ExecutionConfig,
        watchers: Sequence[Watcher] = (),
        most_waiting: int = 0,
    ) -> None:
        self._most_waiting = most_waiting
        self._lanes = {lane.request: lane for lane in lanes}
        self._config = config
        self._watchers = tuple(watchers)
        self._jobs: dict[str, Job] = {}
        self._closed = False

    def submit(
        self,
        request: CodeGenerationRequest | ExecutionRequest | AdditionRequest,
        owner: str,
        sent: CodeGenerationRequest | None = None,
        key: str = "",
    ) -> JobResponse:
        """Start a job, or queue it while the limit of running jobs is reached.

        Args:
            request: What to do.
            owner: Who may see the job.
            sent: The request as its owner sent it, where something in it was resolved since.
            key: What the client calls the request, so that it is not done twice.

        Raises:
            TooBusyError: The queue is full too, of the owner or in all, or the server is stopping.
        """
        if self._closed:
            raise TooBusyError("The server is stopping.", hint="Send the request again when it is back.")
        lane = self._lanes[type(request)]
        self._check_waiting(owner)
        lane.admit(request, owner)
        self._forget_oldest(adding=1)
        name = uuid.uuid4().hex
        kept = self._config
        job = Job(
            name,
            owner,
            request,
            lane.transcript(name, request),
            max_events=kept.max_events_kept,
            max_bytes=kept.max_job_bytes,
        )
        job.sent = request if sent is None else sent
        job.key = key
        job.request_id = REQUEST.get()
        for watcher in self._watchers:
            watcher.begin(job)
        job.watch = self._note
        self._jobs[job.name] = job
        lane.waiting.append(job)
        self._advance(lane)
        return _response(job)

    def get(self, job: str, owner: str) -> JobResponse:
        """Return a job as it stands.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        return _response(self._find(job, owner))

    def get_as(self, kind: type[Response], job: str, owner: str) -> Response:
        """Return a job of one kind as it stands.

        Raises:
            NotFoundError: There is none of that kind, or it is someone else's.
        """
        found = _response(self._find(job, owner))
        if not isinstance(found, kind):
            raise NotFoundError(_no_job(job))
        return found

    def keyed(self, owner: str, key: str) -> Job | None:
        """Return the newest job of an owner that was sent under a key."""
        found = (job for job in reversed(self._jobs.values()) if job.owner == owner and job.key == key)
        return next(found, None)

    def queues(self) -> Mapping[str, QueueState]:
        """Return how each kind of job stands."""
        return {lane.kind: lane.state() for lane in self._lanes.values()}

    def peek(self, job: str) -> Job | None:
        """Return a job that is in memory, whoever owns it."""
        return self._jobs.get(job)

    def list(self, owner: str) -> JobList:
        """Return the owner's jobs in short, newest first."""
        own = [job.transcript.summary() for job in self._jobs.values() if job.owner == owner]
        return JobList(jobs=tuple(reversed(own)))

    def events(self, job: str, owner: str, after: int = 0) -> AsyncIterator[JobEvent]:
        """Return the events after number `after`: those kept first, then live ones to the end.

        A reader that is slow, or that stops, holds nobody up. One that asks for events that are
        no longer kept first gets the job's state as unnumbered events.

        Raises:
            NotFoundError: There is no such job, or it is someone else's.
        """
        return _one_by_one(self.batches(job, owner, after))

    def batches(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Sequence[JobEvent]]:
        """Return what `events` returns, as many at a time as are ready.

        Raises:
            NotFoundError: There is no such job, or it is someone else's.
        """
        return self._find(job, owner).read(after)

    async def finished(self, job: str, owner: str) -> JobResponse:
        """Wait for a job's end and return it.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        found = self._find(job, owner)
        await found.until_end()
        return _response(found)

    async def cancel(self, job: str, owner: str) -> JobResponse:
        """Stop a job and wait until it has released what it held; what was finished is kept.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        found = self._find(job, owner)
        await self._stop([found], gently=True)
        return _response(found)

    async def close(self) -> None:
        """Stop every job and wait for them."""
        self._closed = True
        await self._stop((job for job in self._jobs.values() if not job.ended), gently=False)

    async def _stop(self, jobs: Iterable[Job], *, gently: bool) -> None:
        jobs = tuple(jobs)
        for job in jobs:
            lane = self._lane(job)
            if job in lane.waiting:
                lane.waiting.remove(job)
                _end(job, "cancelled")
            elif gently and lane.stops_itself:
                job.stop.set()
            else:
                _cancel(job)
        for lane in self._lanes.values():
            self._advance(lane)
        tasks = {job.task for job in jobs if job.task is not None}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN_S if gently else None)
        if late:
            for job in jobs:
                _cancel(job)
            await asyncio.wait(late)

    def _note(self, job: Job, event: JobEvent) -> None:
        for watcher in self._watchers:
            try:
                watcher.note(job, event)
            except Exception:  # noqa: PERF203 - readers wait for the event, whoever else fails over it
                LOG.exception("Not all who watch jobs were told of %s", event.type)

    def _lane(self, job: Job) -> Lane:
        return self._lanes[type(job.request)]

    def _find(self, job: str, owner: str) -> Job:
        found = self._jobs.get(job)
        if found is None or found.owner != owner:
            raise NotFoundError(_no_job(job))
        return found

    def _check_waiting(self, owner: str) -> None:
        own = sum(job.owner == owner for lane in self._lanes.values() for job in lane.waiting)
        if self._most_waiting and own >= self._most_waiting:
            raise LimitReachedError(
                f"{own} jobs of yours wait already",
                hint=TooBusyError.default_hint,
                retry_after_s=RETRY_AFTER_S,
            )

    def _forget_oldest(self, *, adding: int = 0) -> None:
        ended = [job for job in self._jobs.values() if job.ended]
        surplus = len(self._jobs) + adding - self._config.max_jobs_kept
        surplus_bytes = (
            sum(job.bytes_kept + job.sent_bytes for job in self._jobs.values()) - self._config.max_bytes_kept
        )
        for job in ended:
            if surplus <= 0 and surplus_bytes <= 0:
                return
            surplus -= 1
            surplus_bytes -= job.bytes_kept + job.sent_bytes
            del self._jobs[job.name]

    def _advance(self, lane: Lane) -> None:
        """Start what may start, and tell the others where they stand."""
        while not self._closed and (job := lane.next()) is not None:
            self._start(job, lane)
        for position, job in enumerate(lane.order(), start=1):
            if job.position != position:
                job.position = position
                job.publish(job.transcript.queued(position))

    def _start(self, job: Job, lane: Lane) -> None:
        if job.position < 0:
            job.publish(job.transcript.queued(0))
        lane.running.add(job)
        job.task = asyncio.get_running_loop().create_task(_drive(job, lane), name=f"job-{job.name}")
        job.task.add_done_callback(lambda _: self._ended(job, lane))

    def _ended(self, job: Job, lane: Lane) -> None:
        # Covers a task that was cancelled before its first step, in which nothing of it ran.
        _end(job, "cancelled")
        lane.running.discard(job)
        self._advance(lane)
        self._forget_oldest()


async def _drive(job: Job, lane: Lane) -> None:
    _note_work(job, lane)
    began = time.monotonic()
    try:
        async with closing(lane.run(job)) as events:
            async for event in events:
                if event.type == "stage":
                    STAGE.set(event.stage)
                job.publish(event)
        failure = GptossError("The job ended without saying how.")
    except GptossError as error:
        failure = error
    except Exception:  # the last line of defence: a fault of ours must not leave a job without an end
        LOG.exception("The job %s failed", job.name)
        failure = GptossError("The job failed because of a fault in gptoss_lab.")
    except asyncio.CancelledError:
        _log_end("cancelled", began)
        raise
    _end(job, failure)
    _log_end(job.transcript.summary().state, began)


def _log_end(state: str, began: float) -> None:
    STAGE.set("")
    took_s = round(time.monotonic() - began, 3)
    LOG.info("The work on the job ended: %s", state, extra={"state": state, "duration_s": took_s})


def _note_work(job: Job, lane: Lane) -> None:
    """Say in this task, and in all that it starts, for whom and on what it works."""
    OWNER.set(job.owner)
    REQUEST.set(job.request_id)  # this task may have been started by the end of another job
    JOB.set(job.name)
    LOG.info("The work on the job begins", extra={"kind": lane.kind})


async def _one_by_one(batches: AsyncIterator[Sequence[JobEvent]]) -> AsyncIterator[JobEvent]:
    async with closing(batches) as ready:
        async for batch in ready:
            for event in batch:
                yield event


def _response(job: Job) -> JobResponse:
    response: JobResponse = job.transcript.response()
    return response


def _no_job(job: str) -> str:
    return f"There is no job {job[:64]}."


def _cancel(job: Job) -> None:
    """Cancel its task once: a second cancellation would cut the release of what the first stopped."""
    if job.task is not None and not job.stopping:
        job.stopping = True
        job.task.cancel()


def _end(job: Job, how: Literal["cancelled"] | GptossError) -> None:
    """Publish the last event if there was none."""
    if job.ended:
        return
    last: Sequence[Any] = job.transcript.last(how)
    for event in last:
        job.publish(event)
