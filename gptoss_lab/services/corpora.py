"""Documentation as a service: indexed once, searched often."""

from __future__ import annotations

import asyncio
import sysconfig
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal

from gptoss_lab.documents.child import parse_in_child
from gptoss_lab.documents.packages import installed
from gptoss_lab.documents.prepared import Prepared
from gptoss_lab.documents.r_source import RLibrary
from gptoss_lab.documents.resolve import prepare
from gptoss_lab.documents.retrieval import find_passages
from gptoss_lab.documents.search import find_examples, find_symbols, find_texts, main_packages, skeleton
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import NotFoundError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import (
    ApiSymbol,
    CorpusInfo,
    DocQuery,
    DocSource,
    Example,
    IndexProgress,
    Passage,
)
from gptoss_lab.services.corpus_owners import CorpusOwners
from gptoss_lab.services.owners import OWNER

LibraryRoots = Callable[[], Awaitable[Sequence[tuple[Path, Literal["sandbox", "server"]]]]]
Report = Callable[[IndexProgress], None]


async def server_roots() -> Sequence[tuple[Path, Literal["sandbox", "server"]]]:
    """Return the folders where the server's own packages lie."""
    paths = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    return [(Path(path), "server") for path in paths if path]


class CorpusService:
    """Indexes sources in a child process and answers from the indexes.

    Args:
        folder: Where the index files lie.
        config: Limits on what is read.
        library_roots: Where installed packages lie, the sandbox's and the server's; the server's
            own when not given.
        r_library: The sandbox's R, which reads the help of R packages.
        max_owner_bytes: How much one person may have indexed; 0 for any amount.
    """

    def __init__(
        self,
        *,
        folder: Path,
        config: DocumentConfig,
        library_roots: LibraryRoots | None = None,
        r_library: RLibrary | None = None,
        max_owner_bytes: int = 0,
    ) -> None:
        self._store = IndexStore(folder)
        self._owners = CorpusOwners(self._store, max_owner_bytes)
        self._config = config
        self._roots = library_roots or server_roots
        self._r_library = r_library
        self._running: dict[tuple[str, str, bool], _Run] = {}

    async def is_installed(self, name: str) -> bool:
        """Say whether a name is that of an installed package."""
        return await asyncio.to_thread(installed, name, await self._roots()) is not None

    async def installed_version(self, name: str) -> str:
        """Return the version of an installed package, the sandbox's first; empty where there is none."""
        found = await asyncio.to_thread(installed, name, await self._roots())
        return found.version if found is not None else ""

    async def documented(self, corpora: Sequence[str]) -> dict[str, str]:
        """Return the package that most of the objects of each corpus belong to, where there are any.

        Raises:
            NotFoundError: A corpus does not exist.
            DocumentError: An index is damaged.
        """
        return await asyncio.to_thread(main_packages, self._store.paths(corpora))

    async def skeleton(self, corpora: Sequence[str]) -> tuple[str, ...]:
        """Return the modules and classes that most of what is documented belongs to, in few words.

        Raises:
            NotFoundError: A corpus does not exist.
            DocumentError: An index is damaged.
        """
        return await asyncio.to_thread(skeleton, self._store.paths(corpora))

    async def ensure(
        self,
        source: DocSource,
        report: Report | None = None,
        *,
        refresh: bool = False,
        owner: str | None = None,
    ) -> CorpusInfo:
        """Return the index of a source, built when it is missing or the source has changed.

        Calls for one source at the same time share one run. The run ends when the last of them
        is cancelled.

        Args:
            source: What to index.
            report: Told each step.
            refresh: Build again even where nothing changed.
            owner: Who has it from then on; whoever the job works for when not given.

        Raises:
            QuotaError: It is more than the owner may have.
            SourceNotFoundError: There is no such package, file or page.
            SourceRefusedError: A policy forbids reading it.
            SourceLimitError: It is over a limit on size, pages or time.
            DocumentError: It cannot be read.
            StorageError: The disk is full or not writable.
        """
        key = (source.kind, source.uri.strip(), refresh)
        run = self._running.get(key)
        if run is None:
            run = _Run()
            run.task = asyncio.ensure_future(self._ensure(source, run.tell, refresh=refresh))
            self._running[key] = run
            run.task.add_done_callback(lambda _: self._forget(key, run))
        info = await run.wait(report)
        await self._owners.admit(info, OWNER.get() if owner is None else owner)
        return info

    async def search(self, corpora: Sequence[str], query: DocQuery) -> list[Passage]:
        """Return the passages that fit: named symbols first, then what covers most of the text.

        Raises:
            NotFoundError: A corpus does not exist.
            DocumentError: An index is damaged.
        """
        return await asyncio.to_thread(find_passages, self._store.paths(corpora), query)

    async def examples(
        self, corpora: Sequence[str], task: str, *, language: Language = "python", limit: int = 8
    ) -> list[Example]:
        """Return the runnable examples that fit a task, best first.

        The score is the share of the task, 0 to 1, that an example covers; below about 0.35
        nothing fits.

        Raises:
            NotFoundError: A corpus does not exist.
            DocumentError: An index is damaged.
        """
        return await asyncio.to_thread(find_examples, self._store.paths(corpora), task, limit, language)

    async def symbols(self, corpora: Sequence[str], names: Sequence[str]) -> list[ApiSymbol]:
        """Return what the corpora know of names as code writes them: full, public or last part.

        Raises:
            NotFoundError: A corpus does not exist.
            DocumentError: An index is damaged.
        """
        return await asyncio.to_thread(find_symbols, self._store.paths(corpora), names)

    async def texts(self, corpora: Sequence[str], names: Sequence[str]) -> dict[str, str]:
        """Return all that the corpora tell of objects, by their qualified names.

        Raises:
            NotFoundError: A corpus does not exist.
            DocumentError: An index is damaged.
        """
        return await asyncio.to_thread(find_texts, self._store.paths(corpora), names)

    async def list(self, owner: str = "") -> list[CorpusInfo]:
        """Return every index that an owner may know of, the newest first; all for an empty one."""
        return await self._owners.seen(await asyncio.to_thread(self._store.list), owner)

    async def refresh(self, corpus_id: str, report: Report | None = None, owner: str = "") -> CorpusInfo:
        """Read the source of an index again; pages and files that did not change are not parsed.

        Raises:
            NotFoundError: There is none with this id, or it is someone else's.
            DocumentError: The source cannot be read; the index stays as it was.
            StorageError: The disk is full or not writable.
        """
        await self._owners.check(corpus_id, owner)
        info = await asyncio.to_thread(self._store.remembered, corpus_id)
        if info is None:
            raise NotFoundError(f"There is no corpus {corpus_id!r}")
        return await self.ensure(info.source, report, refresh=True, owner=owner)

    async def remove(self, corpus_id: str, owner: str = "") -> None:
        """Take an index from an owner; it is deleted when nobody else has it, and for an empty owner.

        Raises:
            NotFoundError: There is none with this id, or it is someone else's.
        """
        await self._owners.check(corpus_id, owner)
        if not await self._owners.leave(corpus_id, owner):
            return
        if not await asyncio.to_thread(self._store.remove, corpus_id):
            raise NotFoundError(f"There is no corpus {corpus_id!r}")

    async def close(self) -> None:
        """End every run and its child process."""
        tasks = [run.task for run in self._running.values() if run.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ensure(self, source: DocSource, report: Report, *, refresh: bool) -> CorpusInfo:
        report(IndexProgress(source=source.uri, step="resolve", detail=source.uri))
        roots = await self._roots()
        await asyncio.to_thread(self._store.prepare)
        async with prepare(
            source, roots, self._config, self._store, report, refresh=refresh, r_library=self._r_library
        ) as prepared:
            info = prepared.cached or await self._build(prepared, report)
        report(
            IndexProgress(
                source=source.uri, step="done", detail=info.title, done=info.chunks, total=info.chunks
            )
        )
        return info

    async def _build(self, prepared: Prepared, report: Report) -> CorpusInfo:
        started = time.monotonic()
        output = self._store.temporary(prepared.id)
        job = prepared.job.model_copy(update={"output": str(output)})
        try:
            result = await parse_in_child(job, report)
            info = prepared.info(result, duration_s=time.monotonic() - started)
            await asyncio.to_thread(self._owners.begin, prepared.id)
            return await asyncio.to_thread(self._store.keep, output, info)
        finally:
            output.unlink(missing_ok=True)

    def _forget(self, key: tuple[str, str, bool], run: _Run) -> None:
        if self._running.get(key) is run:
            del self._running[key]


class _Run:
    """One run of indexing and everyone who waits for it."""

    def __init__(self) -> None:
        self.task: asyncio.Future[CorpusInfo] | None = None
        self._reports: list[Report] = []
        self._waiting = 0

    def tell(self, progress: IndexProgress) -> None:
        for report in tuple(self._reports):
            report(progress)

    async def wait(self, report: Report | None) -> CorpusInfo:
        if self.task is None:
            raise RuntimeError("the run was not started")
        if report is not None:
            self._reports.append(report)
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if report is not None:
                self._reports.remove(report)
            if not self._waiting and not self.task.done():
                self.task.cancel()
                await asyncio.gather(self.task, return_exceptions=True)
