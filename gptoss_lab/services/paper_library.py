"""Papers as a service: found or fetched, read once in a child process, kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.gather import write_file
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.papers.child import read_in_child
from gptoss_lab.papers.fetching import Place, leads_to, places
from gptoss_lab.papers.jobs import ReadJob
from gptoss_lab.papers.names import Named, named
from gptoss_lab.papers.store import PaperStore, paper_id, with_notes
from gptoss_lab.schemas.config import DocumentConfig, PaperConfig
from gptoss_lab.schemas.papers import Paper, PaperAsk

Report = Callable[[str, int, int], None]


class PaperLibrary:
    """Reads papers: files of the server, arXiv ids, DOIs, addresses.

    Args:
        folder: Where papers that were read are kept.
        root: The folder of the server; no file outside is read. None allows every file that this
            process can read, as on a person's own command line.
        documents: Limits on files and on fetching.
        papers: Limits on papers, and where they are fetched.
        fetcher: Makes a client; ours when not given.
    """

    def __init__(
        self,
        *,
        folder: Path,
        root: Path | None,
        documents: DocumentConfig,
        papers: PaperConfig,
        fetcher: Callable[[], Fetcher] | None = None,
    ) -> None:
        self._store = PaperStore(folder)
        self._root = root
        self._documents, self._papers = documents, papers
        self._fetcher = fetcher or (lambda: Fetcher(documents))

    async def read(self, ask: PaperAsk, report: Report) -> Paper:
        """Return a paper; one that was read before comes from the store.

        Args:
            ask: Which one, and of which form.
            report: Told what is being done, how many pages are done, and how many there are; 0 where that
                is not known.

        Raises:
            DocumentError: It cannot be read.
            SourceNotFoundError: There is no such paper.
            SourceRefusedError: A policy forbids reading it.
            SourceLimitError: It is over a limit on size, pages, time or memory.
            StorageError: The disk is full, or the folder is not writable.
        """
        found = named(ask.uri)
        if found.kind == "file":
            location, shown = await asyncio.to_thread(self._located, found.value)
            return await self._read(ask, location, location.name, shown, report)
        fresh = await asyncio.to_thread(self._store.fetched, _key(found, ask), self._papers.fresh_s)
        return _asked(fresh, ask) if fresh is not None else await self._fetched(found, ask, report)

    def _located(self, uri: str) -> tuple[Path, str]:
        """Return a file of the server, and what the server calls it.

        Raises:
            SourceNotFoundError: There is none.
            SourceRefusedError: It lies outside, or is no file.
            SourceLimitError: It is too large.
        """
        base = (self._root or Path.cwd()).resolve()
        try:
            path = (base / Path(uri).expanduser() if self._root is None else base / uri).resolve()
            exists = path.exists()
        except (OSError, ValueError, RuntimeError) as error:
            raise SourceNotFoundError(f"There is no file {uri}") from error
        if self._root is not None and not path.is_relative_to(base):
            raise SourceRefusedError(
                f"{uri} lies outside the folder of the server",
                hint="Copy it into the folder that JupyterLab shows.",
            )
        inner = path.relative_to(base).parts if path.is_relative_to(base) else ()
        if self._root is not None and any(part.startswith(".") for part in inner):
            raise SourceRefusedError(f"{uri} is hidden", hint="Copy it to where JupyterLab shows it.")
        if not exists:
            raise SourceNotFoundError(
                f"There is no file {uri}", hint="Check the spelling; an arXiv id reads as arXiv:2401.01234."
            )
        if not (path.is_file() or path.is_dir()):
            raise SourceRefusedError(f"{uri} is neither a file nor a folder")
        size = path.stat().st_size if path.is_file() else 0
        if size > self._documents.max_file_bytes:
            raise SourceLimitError(f"{uri} is larger than {self._documents.max_file_bytes >> 20} MB")
        shown = path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)
        return path, shown

    async def _fetched(self, found: Named, ask: PaperAsk, report: Report) -> Paper:
        """Try one place after the other; say which was read, and why those before it were not.

        Raises:
            DocumentError: None of them can be read.
            SourceNotFoundError: There is no such place.
        """
        missed: list[str] = []
        last: DocumentError | None = None
        async with self._fetcher() as fetcher, self._workplace() as folder:
            for place in places(found, self._papers, ask.form):
                report(f"Fetching {place.what}", 0, 0)
                try:
                    paper = await self._from(fetcher, place, ask, folder, report)
                except DocumentError as error:
                    missed.append(f"{place.what[:1].upper()}{place.what[1:]} was not used: {error.message}")
                    last = error
                    continue
                told = [f"Read from {place.what}", *missed] if found.kind == "arxiv" else missed
                await asyncio.to_thread(self._store.remember, _key(found, ask), paper.id, told)
                return with_notes(paper, told)
        if last is None:
            raise SourceNotFoundError(f"{ask.uri} is not known in that form")
        if len(missed) > 1:
            raise type(last)(f"{ask.uri} cannot be had: {'; '.join(missed)}", hint=last.hint)
        raise last

    async def _from(
        self, fetcher: Fetcher, place: Place, ask: PaperAsk, folder: Path, report: Report
    ) -> Paper:
        data = await fetcher.raw(place.url)
        led = leads_to(data, place.url) if place.kind == "page" and ask.form != "html" else ""
        if led:
            report("Fetching the PDF that the page names", 0, 0)
            try:
                other = await fetcher.raw(led)
            except DocumentError as error:
                if ask.form == "pdf":
                    raise
                paper = await self._laid(data, place.name, ask, folder, report)
                note = f"The PDF that the page names was not used: {error.message}"
                return with_notes(paper, [note])
            return await self._laid(other, "paper.pdf", ask, folder, report)
        return await self._laid(data, place.name, ask, folder, report)

    async def _laid(self, data: bytes, name: str, ask: PaperAsk, folder: Path, report: Report) -> Paper:
        path = folder / "fetched" / name
        await asyncio.to_thread(_lay, path, data)
        return await self._read(ask, path, name, "", report)

    async def _read(self, ask: PaperAsk, location: Path, name: str, shown: str, report: Report) -> Paper:
        try:
            key = await asyncio.to_thread(paper_id, location, name, ask.form)
        except OSError as error:
            raise DocumentError(f"{name} cannot be read: {error.strerror}") from error
        kept = await asyncio.to_thread(self._store.get, key)
        if kept is not None and "".join(kept.files[:1]).startswith(shown):
            return _asked(kept, ask)
        async with self._workplace() as folder:
            job = ReadJob(
                id=key,
                uri=ask.uri,
                location=str(location),
                name=name,
                shown=shown,
                form=ask.form,
                folder=str(folder),
                max_pages=self._papers.max_pages,
                max_file_bytes=self._documents.max_file_bytes,
                max_unpacked_bytes=self._papers.max_unpacked_bytes,
                max_unpacked_files=self._papers.max_unpacked_files,
                memory_bytes=self._papers.read_memory_bytes,
                timeout_s=self._papers.read_timeout_s,
            )
            paper = await read_in_child(job, report)
        await asyncio.to_thread(self._store.put, paper)
        return paper

    @asynccontextmanager
    async def _workplace(self) -> AsyncIterator[Path]:
        folder = await asyncio.to_thread(self._store.workplace)
        try:
            yield folder
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


def _key(found: Named, ask: PaperAsk) -> str:
    return f"{found.kind} {found.value} {ask.form}"


def _asked(paper: Paper, ask: PaperAsk) -> Paper:
    return paper.model_copy(update={"uri": ask.uri})


def _lay(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True, mode=0o700)
    write_file(path, data)
