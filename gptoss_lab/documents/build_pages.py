"""Builds the index of pages: anew, or as a refresh of the one that there is."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.blocks import Page, Place, Records, Symbol
from gptoss_lab.documents.built import require_content, result_of, stated, writing
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.jobs import FileToRead, ParseJob, ParseResult
from gptoss_lab.documents.page_rows import KeptPage, PageRow, kept_pages, page_of
from gptoss_lab.documents.records import page_records
from gptoss_lab.documents.refresh import Changes, Refresh, changed_files
from gptoss_lab.documents.sphinx import read_inventory
from gptoss_lab.errors import GptossError
from gptoss_lab.schemas.documents import IndexProgress

Report = Callable[[IndexProgress], None]


def build_pages(job: ParseJob, report: Report) -> ParseResult:
    """Write the index of a job's files; those that an older index has as they are, are not read.

    Raises:
        DocumentError: Nothing in them can be read.
        StorageError: The disk is full, or the folder is not writable.
    """
    if job.previous:
        try:
            with _previous(job) as (db, refreshable):
                return _Build(job, report, db, refreshable=refreshable).result()
        except (sqlite3.DatabaseError, zlib.error, ValueError):
            # A damaged index is no reason not to build a new one.
            Path(job.output).unlink(missing_ok=True)
    return _Build(job, report, None, refreshable=False).result()


class _Build:
    """One build.

    Args:
        job: What is built.
        report: Told each step.
        db: The older index, if there is one whose parsed pages can be used.
        refreshable: Whether it is of the same version, so that all that it says of a page holds.
    """

    def __init__(
        self, job: ParseJob, report: Report, db: sqlite3.Connection | None, *, refreshable: bool
    ) -> None:
        self._job, self._report, self._db = job, report, db
        self._refreshable = refreshable
        self._kept: Mapping[str, KeptPage] = kept_pages(db) if db is not None else {}
        self._warnings: list[str] = []

    def result(self) -> ParseResult:
        """Write the index and return what was built."""
        changed = changed_files(self._job.files, self._kept)
        read = self._read(changed)
        lost = {file.path for file in changed if file.path not in read}
        files = [file for file in self._job.files if file.path not in lost]
        outside = read_inventory(Path(self._job.inventory), self._job.base_url) if self._job.inventory else []
        counts = self._refreshed(files, read, outside)
        return result_of(counts or self._anew(files, read, outside), self._warnings)

    def _read(self, files: Sequence[FileToRead]) -> dict[str, Page]:
        found: dict[str, Page] = {}
        source, total = self._job.source, len(files)
        for position, file in enumerate(files):
            self._report(
                IndexProgress(source=source, step="parse", detail=file.path, done=position, total=total)
            )
            page = self._parse(file)
            if page is not None:
                found[file.path] = page
        return found

    def _parse(self, file: FileToRead) -> Page | None:
        """Parse a file; among several, one that cannot be read is a warning.

        Raises:
            GptossError: It is the only one, and cannot be read.
        """
        from gptoss_lab.documents.parsers import parse_file  # noqa: PLC0415 - a refresh may need none

        job = self._job
        try:
            return parse_file(
                Path(file.location), file.media, name=file.path, max_pages=job.max_pages, charset=file.charset
            )
        except GptossError as error:
            if len(job.files) == 1:
                raise
            self._warnings.append(f"{file.path} was left out: {error.message}")
            return None

    def _refreshed(
        self, files: Sequence[FileToRead], read: Mapping[str, Page], outside: Sequence[Symbol]
    ) -> dict[str, int] | None:
        """Refresh the older index; None where that cannot be done."""
        if self._db is None or not self._refreshable or not files:
            return None
        refresh = Refresh(self._db, Changes(files, read, outside, self._kept), self._records)
        if not refresh.plan():
            return None
        for file in files:
            page = read.get(file.path)
            self._warnings += page.warnings if page else self._kept[file.path].warnings
        self._report_writing()
        meta = stated(self._job, [file.path for file in files])
        counts = refresh.write(Path(self._job.previous), Path(self._job.output), meta)
        require_content(self._job, counts["chunks"] + counts["symbols"], self._warnings)
        return counts

    def _anew(
        self, files: Sequence[FileToRead], read: Mapping[str, Page], outside: Sequence[Symbol]
    ) -> dict[str, int]:
        pages = [(file, page) for file in files if (page := read.get(file.path) or self._kept_page(file))]
        found = _merged(outside, [page for _, page in pages])
        names = NameTable(found)
        written: list[tuple[PageRow, Records]] = []
        for file, page in pages:
            names.asked = set()
            records = self._records(file, page, names)
            self._warnings += records.warnings
            written.append((PageRow(file, page, names.asked), records))
        content = len(found) + sum(len(records.chunks) for _, records in written)
        require_content(self._job, content, self._warnings)
        self._report_writing()
        with writing(Path(self._job.output)) as writer:
            for row, records in written:
                writer.page(row, records)
            writer.symbols(found, outside)
            return writer.finish(stated(self._job, [file.path for file, _ in pages]))

    def _kept_page(self, file: FileToRead) -> Page | None:
        return page_of(self._db, file.path) if self._db is not None else None

    def _records(self, file: FileToRead, page: Page, names: NameTable) -> Records:
        place = Place(file.path, title=page.title, link=file.link, version=self._job.version)
        return page_records(page, place, names)

    def _report_writing(self) -> None:
        self._report(IndexProgress(source=self._job.source, step="index", detail=self._job.title))


def _merged(outside: Sequence[Symbol], pages: Sequence[Page]) -> list[Symbol]:
    """Put the symbols of pages over those that only the inventory names."""
    found = {symbol.qualname: symbol for symbol in outside}
    for page in pages:
        found.update({symbol.qualname: symbol for symbol in page.symbols})
    return list(found.values())


@contextmanager
def _previous(job: ParseJob) -> Iterator[tuple[sqlite3.Connection | None, bool]]:
    """Open the older index, if it is of these parsers; say whether it is of this version of the source."""
    with closing(sqlite3.connect(f"{Path(job.previous).as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        before = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('parser', 'version')"))
        if before.get("parser") == str(PARSER_VERSION):
            yield db, before.get("version") == job.version
        else:
            yield None, False
