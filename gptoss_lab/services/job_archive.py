"""All jobs of a person: those in memory, and those of earlier servers that the store keeps."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence

from gptoss_lab.errors import ConflictError, NotFoundError, RequestError, StorageError
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    CodeGenerationResponse,
    JobList,
    JobSummary,
)
from gptoss_lab.schemas.runs import JobEvent, JobResponse
from gptoss_lab.services.job import Job
from gptoss_lab.services.job_store.keeper import JobKeeper
from gptoss_lab.services.job_store.restore import Request, digest_of, restored
from gptoss_lab.services.jobs import JobService

MAX_RESTORED = 8
MAX_PAGE = 200


class JobArchive:
    """Answers questions about jobs, wherever they are.

    Args:
        jobs: Those in memory.
        keeper: Those on the disk; none where nothing is kept.
        config: How many events of a job are kept for readers.
    """

    def __init__(self, jobs: JobService, keeper: JobKeeper | None, config: ExecutionConfig) -> None:
        self._jobs = jobs
        self._keeper = keeper
        self._config = config
        self._restored: OrderedDict[str, Job] = OrderedDict()

    @property
    def fault(self) -> str:
        """Why jobs are not kept; empty where they are, or need not be."""
        return self._keeper.fault if self._keeper else ""

    async def get(self, job: str, owner: str) -> JobResponse:
        """Return a job as it stands.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            ConflictError: Another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        response: JobResponse = (await self._find(job, owner)).transcript.response()
        return response

    async def generation(self, job: str, owner: str) -> CodeGenerationResponse:
        """Return a generation as it stands.

        Raises:
            NotFoundError: There is no such generation, or it is someone else's.
            ConflictError: Another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        response = await self.get(job, owner)
        if not isinstance(response, CodeGenerationResponse):
            raise NotFoundError(f"There is no generation {job[:64]}.")
        return response

    async def list(self, owner: str, *, limit: str = str(MAX_PAGE), before: str = "") -> JobList:
        """Return the owner's jobs in short, newest first.

        Args:
            owner: Whose.
            limit: How many, 1 to 200, in digits.
            before: The `next` of the page before.

        Raises:
            RequestError: `before` is none, or `limit` is out of bounds.
            StorageError: The store cannot be read, and what is in memory was listed before.
        """
        place, count = _number(before, "before"), _number(limit, "limit")
        if not 1 <= count <= MAX_PAGE:
            raise RequestError(f"A page has 1 to {MAX_PAGE} jobs")
        if self._keeper is None:
            return JobList(jobs=self._jobs.list(owner).jobs[:count])
        try:
            page = await self._keeper.page(owner, limit=count, before=place)
        except StorageError:
            if place:
                raise
            return JobList(jobs=self._jobs.list(owner).jobs[:count])  # better than nothing
        new = () if place else self._unwritten(self._keeper, owner)
        kept = [self._summary(name, text) for name, text in page.summaries]
        return JobList(jobs=(*new, *kept), next=str(page.last) if page.last else "")

    async def request(self, job: str, owner: str) -> CodeGenerationRequest:
        """Return the request of a generation as it was sent.

        Raises:
            NotFoundError: There is no such generation, or it is someone else's.
            ConflictError: Another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        return _generation(await self._find(job, owner))

    async def replay(self, job: str, owner: str) -> CodeGenerationRequest:
        """Return a request that does the same again: with the seed and the generator that it had.

        Raises:
            NotFoundError: There is no such generation, or it is someone else's.
            ConflictError: Another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        found = await self._find(job, owner)
        sent = _generation(found)
        answered: CodeGenerationResponse = found.transcript.response()
        seed = sent.seed if answered.seed is None else answered.seed
        return sent.model_copy(update={"seed": seed, "generator": answered.generator or sent.generator})

    async def batches(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Sequence[JobEvent]]:
        """Return the events after number `after`, as many at a time as are ready.

        Raises:
            NotFoundError: There is no such job, or it is someone else's.
            ConflictError: It runs on another server, or another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        found = await self._find(job, owner)
        if self._jobs.peek(job) is None:
            _must_have_ended(found)
        return found.read(after)

    async def finished(self, job: str, owner: str) -> JobResponse:
        """Wait for a job's end and return it.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            ConflictError: It runs on another server, or another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        found = await self._find(job, owner)
        if self._jobs.peek(job) is None:
            _must_have_ended(found)
        await found.until_end()
        response: JobResponse = found.transcript.response()
        return response

    async def cancel(self, job: str, owner: str) -> JobResponse:
        """Stop a job and wait until it has released what it held; one that has ended stays as it is.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            ConflictError: It runs on another server, or another version of ours wrote it.
            StorageError: The store cannot be read.
        """
        if self._jobs.peek(job) is not None:
            return await self._jobs.cancel(job, owner)
        found = await self._find(job, owner)
        _must_have_ended(found)
        response: JobResponse = found.transcript.response()
        return response

    async def sent_before(self, request: Request, owner: str, key: str) -> str:
        """Return the job that a request has started already; empty where it has not.

        Raises:
            ConflictError: Something else was sent under that key.
            StorageError: The store cannot be read.
        """
        if not key:
            return ""
        record = None
        if self._jobs.keyed(owner, key) is None and self._keeper is not None:
            record = await self._keeper.find_key(owner, key)
        # Asked again: the same request may have come twice while the store was read.
        here = self._jobs.keyed(owner, key)
        if here is None and record is None:
            return ""
        digest = await asyncio.to_thread(digest_of, request)
        known = await asyncio.to_thread(digest_of, here.sent) if here else record.digest if record else ""
        if known != digest:
            raise ConflictError(
                "Another request was sent under this Idempotency-Key",
                hint="Send each request with a key of its own.",
            )
        return here.name if here else record.name if record else ""

    async def close(self) -> None:
        """Write what waits and close the store."""
        if self._keeper is not None:
            await self._keeper.close()

    def _unwritten(self, keeper: JobKeeper, owner: str) -> tuple[JobSummary, ...]:
        """Return the jobs that the store does not have yet, because the disk is slow or full."""
        waiting = [self._jobs.peek(name) for name in reversed(keeper.unwritten)]
        own = (job for job in waiting if job is not None and job.owner == owner)
        return tuple(job.transcript.summary() for job in own)

    def _summary(self, name: str, text: str) -> JobSummary:
        here = self._jobs.peek(name)
        return here.transcript.summary() if here else JobSummary.model_validate_json(text)

    async def _find(self, name: str, owner: str) -> Job:
        found = self._jobs.peek(name) or self._restored.get(name)
        if found is None and self._keeper is not None:
            found = await self._restore(self._keeper, name, owner)
        if found is None or found.owner != owner:
            raise NotFoundError(f"There is no job {name[:64]}.")
        return found

    async def _restore(self, keeper: JobKeeper, name: str, owner: str) -> Job | None:
        record = await keeper.find(name)
        # Asked before it is read: that another version wrote it is for its owner alone to know.
        if record is None or record.owner != owner:
            return None
        events = await keeper.events(name)
        job = await asyncio.to_thread(restored, record, events, self._config)
        if job.ended:  # what another server runs changes
            self._restored[name] = job
            while len(self._restored) > MAX_RESTORED:
                self._restored.popitem(last=False)
        return job


def _generation(job: Job) -> CodeGenerationRequest:
    if not isinstance(job.sent, CodeGenerationRequest):
        raise NotFoundError(f"There is no generation {job.name[:64]}.")
    return job.sent


def _must_have_ended(job: Job) -> None:
    if not job.ended:
        raise ConflictError(
            f"The job {job.name} runs on another Jupyter server of yours",
            hint="Follow it, or stop it, there.",
        )


def _number(text: str, name: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 15):  # noqa: PLR2004 - beyond any count
        raise RequestError(f"?{name}= is not a number that this server gave or takes")
    return int(text)
