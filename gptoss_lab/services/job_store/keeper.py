"""Writes jobs to the store behind the event loop's back, and reads them again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job import EVENT_BYTES, Job
from gptoss_lab.services.job_store.alive import ServerLock, remove_dead
from gptoss_lab.services.job_store.records import JobEnd, JobRecord, StoredEvent, SummaryPage
from gptoss_lab.services.job_store.restore import Begun, end_lost, end_of, record_of
from gptoss_lab.services.job_store.store import JobStore

LOG = logging.getLogger(__name__)
PAUSE_S = 0.2
"""How long events are gathered before they are written together."""
RETRY_S = 5.0
MAX_PENDING_BYTES = 64 << 20
SMALL_BYTES = 2 * EVENT_BYTES

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Batch:
    """What waits to be written."""

    begun: list[Begun] = field(default_factory=list)
    events: list[tuple[JobEvent, int]] = field(default_factory=list)
    ended: list[JobEnd] = field(default_factory=list)
    bytes: int = 0

    def __bool__(self) -> bool:
        return bool(self.begun or self.events or self.ended)


class JobKeeper:
    """Keeps jobs on the disk. Its methods belong to one event loop; all that blocks has one thread.

    A store that cannot be opened or written to stops no job: it is logged, tried again, and said in
    `fault`. What waits is bounded; beyond that, events are left out of the store.

    Args:
        folder: Where the store lies; made with mode 0700 on first use.
        config: How many jobs are kept, how large, and for how long.
    """

    def __init__(self, folder: Path, config: ExecutionConfig) -> None:
        self.fault = ""
        self._folder = folder
        self._config = config
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gptoss-jobs")
        self._store: JobStore | None = None
        self._lock: ServerLock | None = None
        self._batch = _Batch()
        self._kept_bytes: dict[str, int] = {}
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._closed = False
        self._shut_down = False

    def begin(self, job: Job) -> None:
        """Keep a job that begins."""
        created_at, summary = job.transcript.created_at, job.transcript.summary().model_dump_json()
        self._batch.begun.append(Begun(job.name, job.owner, job.sent, created_at, summary, job.key))
        self._batch.bytes += job.sent_bytes + len(summary)
        self._kept_bytes[job.name] = 0
        self._wake()

    def note(self, job: Job, event: JobEvent) -> None:
        """Keep an event, and the end that it may be."""
        size = job.transcript.weigh(event)
        kept = self._kept_bytes.get(job.name, 0) + size
        fits = kept <= self._config.max_job_bytes or size <= SMALL_BYTES
        if job.ended or (fits and self._batch.bytes <= MAX_PENDING_BYTES):
            self._batch.events.append((job.transcript.remembered(event), size))
            self._batch.bytes += size
            self._kept_bytes[job.name] = kept
        if job.ended:
            self._kept_bytes.pop(job.name, None)
            self._batch.ended.append(end_of(job))
        self._wake()

    async def flush(self) -> None:
        """Write what waits.

        Raises:
            StorageError: It cannot be written; it still waits.
        """
        async with self._turn:
            batch, self._batch = self._batch, _Batch()
            try:
                await self._in_thread(partial(self._write, batch))
            except StorageError as error:
                if not self.fault:
                    LOG.warning("Jobs are not kept: %s. %s", error.message, error.hint)
                self.fault = error.message
                later, self._batch = self._batch, batch
                self._batch.begun += later.begun
                self._batch.events += later.events
                self._batch.ended += later.ended
                self._batch.bytes += later.bytes
                self._wake()  # whoever writes may have found nothing meanwhile
                raise
            self.fault = ""

    @property
    def unwritten(self) -> tuple[str, ...]:
        """The ids of jobs that are not in the store yet, oldest first."""
        return tuple(record.name for record in self._batch.begun)

    async def find(self, name: str) -> JobRecord | None:
        """Return a job of the store.

        Raises:
            StorageError: It cannot be read.
        """
        await self._try_to_flush()
        return await self._read(lambda store: store.find(name))

    async def find_key(self, owner: str, key: str) -> JobRecord | None:
        """Return the newest job of an owner that was sent under a key.

        Raises:
            StorageError: It cannot be read.
        """
        await self._try_to_flush()
        return await self._read(lambda store: store.find_key(owner, key))

    async def events(self, name: str) -> list[str]:
        """Return the events of a job, as JSON.

        Raises:
            StorageError: They cannot be read.
        """
        return await self._read(lambda store: store.events(name))

    async def page(self, owner: str, *, limit: int, before: int = 0) -> SummaryPage:
        """Return an owner's jobs in short, newest first.

        Raises:
            StorageError: They cannot be read.
        """
        await self._try_to_flush()
        return await self._read(lambda store: store.page(owner, limit=limit, before=before))

    async def close(self) -> None:
        """Write what waits and close the store."""
        self._closed = True
        if self._writing is not None:
            async with self._turn:  # so that nothing that is being written is lost
                self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self._try_to_flush()
        if not self._shut_down:
            await self._in_thread(self._shut)
            self._shut_down = True
            self._thread.shutdown(wait=False)

    async def _try_to_flush(self) -> None:
        """Write what waits; what cannot be written is said by the task that tries again."""
        with contextlib.suppress(StorageError):
            await self.flush()

    def _wake(self) -> None:
        if not self._closed and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self._write_soon(), name="job-store")

    async def _write_soon(self) -> None:
        pause_s = PAUSE_S
        while self._batch:
            await asyncio.sleep(pause_s)
            try:
                await self.flush()
                pause_s = PAUSE_S
            except StorageError:
                pause_s = RETRY_S

    async def _read(self, ask: Callable[[JobStore], Answer]) -> Answer:
        return await self._in_thread(lambda: ask(self._opened()))

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        if self._shut_down:
            raise StorageError("The server is stopping", hint="Ask again when it is back.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _write(self, batch: _Batch) -> None:
        store = self._opened()
        if not batch:
            return
        server = self._lock.name if self._lock else ""
        begun = [record_of(begun, server) for begun in batch.begun]
        events = [
            StoredEvent(event.job, event.seq, event.model_dump_json(), size) for event, size in batch.events
        ]
        store.write(begun, events, batch.ended)
        if batch.ended:
            self._forget(store)

    def _opened(self) -> JobStore:
        """Return the store; the jobs of servers that have ended get their end when it is opened.

        Raises:
            StorageError: It cannot be opened.
        """
        if self._store is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise StorageError(f"Jobs cannot be kept in {self._folder}: {error.strerror}") from error
            if self._lock is None:
                self._lock = ServerLock(self._folder)
            store = JobStore(self._folder)
            try:
                end_lost(store, self._folder, self._config)
                remove_dead(self._folder)
                self._forget(store)
            except StorageError:
                store.close()
                raise
            self._store = store
        return self._store

    def _forget(self, store: JobStore) -> None:
        config = self._config
        store.forget(
            max_jobs=config.max_jobs_stored,
            max_bytes=config.max_bytes_stored,
            max_age_days=config.max_job_age_days,
        )

    def _shut(self) -> None:
        if self._store is not None:
            self._store.close()
        if self._lock is not None:
            self._lock.close()
