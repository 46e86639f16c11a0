"""Writes facts to the store behind the event loop's back, and asks it for figures."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.services.quality.facts import Batch, JobFact, ReviewFact, Tallied, size_of
from gptoss_lab.services.quality.figures import Figures, figures
from gptoss_lab.services.quality.store import QualityStore, is_damaged
from gptoss_lab.services.quality.window import Window

LOG = logging.getLogger(__name__)
PAUSE_S = 2.0
"""How long facts are gathered before they are written together."""
RETRY_S = 15.0
FORGET_EVERY_S = 600.0

Answer = TypeVar("Answer")


class QualityKeeper:
    """Keeps facts. Its methods belong to one event loop; all that blocks has one thread.

    A store that cannot be opened or written to stops nothing: it is logged, tried again and said in
    `fault`, and the figures are those that are kept and those that wait in memory, which are bounded.

    Args:
        folder: Where the store lies, made with mode 0700 on first use; None keeps facts in memory.
        max_age_days: For how long they are kept.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, folder: Path | None, max_age_days: float, clock: Callable[[], float] = time.time
    ) -> None:
        self.fault = ""
        self._folder = folder
        self._max_age_days = max_age_days
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gptoss-quality")
        self._store: QualityStore | None = None
        self._batch = Batch()
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._forgot_at = float("-inf")
        self._closed = False

    def ended(self, fact: JobFact) -> None:
        """Keep how a job went."""
        self._batch.jobs.append(fact)
        self._wake()

    def tally(self, what: Tallied, name: str, seconds: float = 0.0, *, count: int = 1) -> None:
        """Count something, and how long each took."""
        self._batch.tally(self._clock(), what, name, size_of(seconds), count)
        self._wake()

    def review(self, items: Sequence[FeedbackItem]) -> None:
        """Keep what a person decided; who it was is not kept."""
        now = self._clock()
        self._batch.reviews += [
            ReviewFact(item.job, item.cell, now, item.generator, item.model, item.verdict) for item in items
        ]
        self._wake()

    async def figures(self, window: Window) -> Figures:
        """Return the figures of a window, what was not written yet among them.

        Raises:
            StorageError: What is kept cannot be read; it is tried again with the next question.
        """
        with contextlib.suppress(StorageError):
            await self.flush()
        async with self._turn:
            return await self._in_thread(lambda: self._look(window, self._batch))

    async def flush(self) -> None:
        """Write what waits.

        Raises:
            StorageError: It cannot be written; it still waits.
        """
        async with self._turn:
            batch, self._batch = self._batch, Batch()
            try:
                await self._in_thread(lambda: self._write(batch))
            except StorageError as error:
                if not self.fault:
                    LOG.warning("The figures of the monitor are not kept: %s", error.message)
                self.fault = error.message
                batch.extend(self._batch)
                self._batch = batch
                self._wake()  # whoever writes may have found nothing meanwhile
                raise
            self.fault = ""

    async def close(self) -> None:
        """Write what waits and close the store."""
        if self._closed:
            return
        self._closed = True
        if self._writing is not None:
            async with self._turn:  # so that nothing that is being written is lost
                self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        with contextlib.suppress(StorageError):
            await self.flush()
        await self._in_thread(self._shut)
        self._thread.shutdown(wait=False)

    def _wake(self) -> None:
        if not self._closed and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self._write_soon(), name="quality-store")

    async def _write_soon(self) -> None:
        pause_s = PAUSE_S
        while self._batch:
            await asyncio.sleep(pause_s)
            try:
                await self.flush()
                pause_s = PAUSE_S
            except StorageError:
                pause_s = RETRY_S

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _write(self, batch: Batch) -> None:
        store = self._opened()
        with self._mended():
            if batch:
                store.add(batch)
            if time.monotonic() - self._forgot_at > FORGET_EVERY_S:
                store.forget(self._clock(), self._max_age_days)
                self._forgot_at = time.monotonic()

    def _look(self, window: Window, waiting: Batch) -> Figures:
        try:
            store = self._opened()
        except StorageError:
            with contextlib.closing(QualityStore(None)) as memory, memory.seen(waiting) as database:
                return figures(database, window)  # what waits is better than nothing
        with self._mended(), store.seen(waiting) as database:
            return figures(database, window)

    @contextlib.contextmanager
    def _mended(self) -> Iterator[None]:
        """Have a file that turns out to be damaged opened anew, which sets it aside, the next time.

        Raises:
            StorageError: What was done failed.
        """
        try:
            yield
        except StorageError as error:
            if self._store is not None and is_damaged(error):
                self._store.close()
                self._store = None
            raise

    def _opened(self) -> QualityStore:
        """Return the store.

        Raises:
            StorageError: It cannot be opened.
        """
        if self._store is None:
            if self._folder is not None:
                try:
                    self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                except OSError as error:
                    told = f"The figures of the monitor cannot be kept in {self._folder}: {error.strerror}"
                    raise StorageError(told) from error
            self._store = QualityStore(self._folder)
        return self._store

    def _shut(self) -> None:
        if self._store is not None:
            self._store.close()
