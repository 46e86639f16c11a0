"""Builds one index from a parse job; runs in the child process."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.blocks import Page, Place, Records, Symbol
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.index_reader import IndexReader, open_index
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.jobs import FileToRead, ParseJob, ParseResult
from gptoss_lab.documents.pages import page_from_json, page_to_json
from gptoss_lab.documents.r_help import read_help
from gptoss_lab.documents.r_records import r_records
from gptoss_lab.documents.records import package_records, page_records
from gptoss_lab.documents.sphinx import read_inventory
from gptoss_lab.errors import DocumentError, GptossError
from gptoss_lab.schemas.documents import IndexProgress

Report = Callable[[IndexProgress], None]

_MAX_WARNINGS = 20


def build(job: ParseJob, report: Report) -> ParseResult:
    """Write the index of a job to its output path.

    Raises:
        DocumentError: Nothing in the source can be read.
        StorageError: The disk is full, or the folder is not writable.
    """
    records, files = _r_package(job, report) if job.r_package else _package_or_files(job, report)
    if not records.chunks and not records.symbols:
        raise DocumentError(
            f"Nothing to read was found in {job.title}"
            + (f": {records.warnings[0]}" if records.warnings else ""),
            hint="Point at HTML, Markdown, reStructuredText, notebooks or PDF files with text in them.",
        )
    report(IndexProgress(source=job.source, step="index", detail=job.title))
    writer = IndexWriter(Path(job.output))
    try:
        writer.write(records)
        for file, payload in files:
            writer.remember_file(file.path, file.sha256, (file.size, file.mtime_ns), payload)
        counts = writer.finish({
            "parser": str(PARSER_VERSION),
            "version": job.version,
            "validators": json.dumps({
                file.path: [file.etag, file.modified] for file, _ in files if file.etag or file.modified
            }),
        })
    except BaseException:
        writer.abandon()
        raise
    warnings = tuple(dict.fromkeys(records.warnings))[:_MAX_WARNINGS]
    return ParseResult(**counts, warnings=warnings)


def _package_or_files(job: ParseJob, report: Report) -> tuple[Records, list[tuple[FileToRead, bytes]]]:
    return _package(job, report) if job.package else _files(job, report)


def _r_package(job: ParseJob, report: Report) -> tuple[Records, list[tuple[FileToRead, bytes]]]:
    def step(detail: str, done: int, total: int) -> None:
        report(IndexProgress(source=job.source, step="parse", detail=detail, done=done, total=total))

    with Path(job.r_help).open(encoding="utf-8") as lines:
        return r_records(map(read_help, lines), job.r_package, job.version, step), []


def _package(job: ParseJob, report: Report) -> tuple[Records, list[tuple[FileToRead, bytes]]]:
    if job.package is None:
        raise DocumentError("The job names no package")

    def step(detail: str, done: int, total: int) -> None:
        report(IndexProgress(source=job.source, step="parse", detail=detail, done=done, total=total))

    return package_records(job.package, step), []


def _files(job: ParseJob, report: Report) -> tuple[Records, list[tuple[FileToRead, bytes]]]:
    pages: list[tuple[FileToRead, Page]] = []
    records = Records()
    with _previous(job) as previous:
        known = previous.files() if previous is not None else {}
        for position, file in enumerate(job.files):
            report(
                IndexProgress(
                    source=job.source, step="parse", detail=file.path, done=position, total=len(job.files)
                )
            )
            kept = (
                previous.payload(file.path)
                if previous and known.get(file.path, ("",))[0] == file.sha256
                else b""
            )
            page = page_from_json(zlib.decompress(kept)) if kept else _parse(file, job, records)
            if page is not None:
                pages.append((file, page))
    outside = read_inventory(Path(job.inventory), job.base_url) if job.inventory else []
    found = _merged([symbol for _, page in pages for symbol in page.symbols], outside)
    names = NameTable(found)
    for file, page in pages:
        place = Place(file.path, title=page.title, link=file.link, version=job.version)
        records.add(page_records(page, place, names))
    records.symbols = found
    return records, [(file, page_to_json(page)) for file, page in pages]


def _parse(file: FileToRead, job: ParseJob, records: Records) -> Page | None:
    """Parse a file; among several, one that cannot be read is a warning.

    Raises:
        GptossError: It is the only one, and cannot be read.
    """
    from gptoss_lab.documents.parsers import parse_file  # noqa: PLC0415 - half a second that a package need not pay

    try:
        page = parse_file(
            Path(file.location), file.media, name=file.path, max_pages=job.max_pages, charset=file.charset
        )
    except GptossError as error:
        if len(job.files) == 1:
            raise
        records.warnings.append(f"{file.path} was left out: {error.message}")
        return None
    return page


def _merged(documented: list[Symbol], outside: list[Symbol]) -> list[Symbol]:
    """Put the symbols of pages over those that only the inventory names."""
    found = {symbol.qualname: symbol for symbol in outside}
    found.update({symbol.qualname: symbol for symbol in documented})
    return list(found.values())


@contextmanager
def _previous(job: ParseJob) -> Iterator[IndexReader | None]:
    if not job.previous:
        yield None
        return
    with open_index(Path(job.previous), "previous") as reader:
        yield reader if reader.meta().get("parser") == str(PARSER_VERSION) else None
