"""Jobs of this server: a queue, a limit, and events that many can read."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from gptoss_lab.errors import GptossError, NotFoundError, TooBusyError
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.events import Done, Event, Failed, Queued
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse, JobList, JobState
from gptoss_lab.services.job import Job
from gptoss_lab.services.owners import OWNER
from gptoss_lab.services.problems import problem_of
from gptoss_lab.services.streams import closing

LOG = logging.getLogger(__name__)
QUEUE_PER_SLOT = 8


class JobService:
    """Runs generations in the background. All methods belong to one event loop.

    Args:
        run: Makes the events of one request; closing it must release all that it holds.
        config: Limits on jobs and on what is remembered of them.
    """

    def __init__(
        self, *, run: Callable[[CodeGenerationRequest], AsyncIterator[Event]], config: ExecutionConfig
    ) -> None:
        self._run = run
        self._config = config
        self._jobs: dict[str, Job] = {}
        self._waiting: deque[Job] = deque()
        self._running: set[Job] = set()
        self._closed = False

    def submit(self, request: CodeGenerationRequest, owner: str) -> CodeGenerationResponse:
        """Start a job, or queue it while the limit of running jobs is reached.

        Raises:
            TooBusyError: The queue is full too, or the server is stopping.
        """
        if self._closed:
            raise TooBusyError("The server is stopping.", hint="Send the request again when it is back.")
        if len(self._waiting) >= self._config.max_jobs * QUEUE_PER_SLOT:
            raise TooBusyError(f"{len(self._running)} jobs run and {len(self._waiting)} wait already.")
        self._forget_oldest()
        job = Job(uuid.uuid4().hex, owner, request, self._config.max_events_kept)
        self._jobs[job.name] = job
        self._waiting.append(job)
        self._advance()
        return job.transcript.response()

    def get(self, job: str, owner: str) -> CodeGenerationResponse:
        """Return a job as it stands.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        return self._find(job, owner).transcript.response()

    def list(self, owner: str) -> JobList:
        """Return the owner's jobs in short, newest first."""
        own = [job.transcript.summary() for job in self._jobs.values() if job.owner == owner]
        return JobList(jobs=tuple(reversed(own)))

    def events(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Event]:
        """Return the events after number `after`: those kept first, then live ones to the end.

        A reader that is slow, or that stops, holds nobody up. One that asks for events that are
        no longer kept first gets the job's state as unnumbered events.

        Raises:
            NotFoundError: There is no such job, or it is someone else's.
        """
        return _one_by_one(self.batches(job, owner, after))

    def batches(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """Return what `events` returns, as many at a time as are ready.

        Raises:
            NotFoundError: There is no such job, or it is someone else's.
        """
        return self._find(job, owner).read(after)

    async def cancel(self, job: str, owner: str) -> CodeGenerationResponse:
        """Stop a job and wait until it has released what it held; cells that were closed are kept.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        found = self._find(job, owner)
        await self._stop([found])
        return found.transcript.response()

    async def close(self) -> None:
        """Stop every job and wait for them."""
        self._closed = True
        await self._stop(job for job in self._jobs.values() if not job.ended)

    async def _stop(self, jobs: Iterable[Job]) -> None:
        jobs = tuple(jobs)
        for job in jobs:
            if job in self._waiting:
                self._waiting.remove(job)
                _end(job, "cancelled")
            elif job.task is not None and not job.stopping:
                # A second cancellation would cut the release of what the first one stopped.
                job.stopping = True
                job.task.cancel()
        self._advance()
        tasks = {job.task for job in jobs if job.task is not None}
        if tasks:
            await asyncio.wait(tasks)

    def _find(self, job: str, owner: str) -> Job:
        found = self._jobs.get(job)
        if found is None or found.owner != owner:
            raise NotFoundError(f"There is no job {job[:64]}.")
        return found

    def _forget_oldest(self) -> None:
        ended = [job for job in self._jobs.values() if job.ended]
        surplus = len(self._jobs) + 1 - self._config.max_jobs_kept
        for job in ended[: max(0, surplus)]:
            del self._jobs[job.name]

    def _advance(self) -> None:
        """Start what may start, and tell the others where they stand."""
        while self._waiting and len(self._running) < self._config.max_jobs and not self._closed:
            self._start(self._waiting.popleft())
        for position, job in enumerate(self._waiting, start=1):
            if job.position != position:
                job.position = position
                job.publish(Queued(position=position))

    def _start(self, job: Job) -> None:
        if job.position < 0:
            job.publish(Queued())
        self._running.add(job)
        job.task = asyncio.get_running_loop().create_task(self._drive(job), name=f"job-{job.name}")
        job.task.add_done_callback(lambda _: self._ended(job))

    def _ended(self, job: Job) -> None:
        # Covers a task that was cancelled before its first step, in which nothing of it ran.
        _end(job, "cancelled")
        self._running.discard(job)
        self._advance()

    async def _drive(self, job: Job) -> None:
        OWNER.set(job.owner)
        try:
            async with closing(self._run(job.request)) as events:
                async for event in events:
                    job.publish(event)
            failure = GptossError("The generation ended without saying how.")
        except GptossError as error:
            failure = error
        except Exception:  # the last line of defence: a fault of ours must not leave a job without an end
            LOG.exception("The job %s failed", job.name)
            failure = GptossError("The generation failed because of a fault in gptoss_lab.")
        _end(job, failure)


async def _one_by_one(batches: AsyncIterator[Sequence[Event]]) -> AsyncIterator[Event]:
    async with closing(batches) as ready:
        async for batch in ready:
            for event in batch:
                yield event


def _end(job: Job, how: JobState | GptossError) -> None:
    """Publish the last event if there was none; half a cell is taken back."""
    if job.ended:
        return
    for close in job.transcript.sheet.abandon():
        job.publish(close)
    if isinstance(how, GptossError):
        job.publish(Failed(problem=problem_of(how)))
        return
    cells, verified = job.transcript.sheet.counts()
    job.publish(Done(state=how, cells=cells, verified=verified, message="Stopped. Finished cells are kept."))
