"""Builds one index from a parse job; runs in the child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gptoss_lab.documents.blocks import Records
from gptoss_lab.documents.build_pages import build_pages
from gptoss_lab.documents.built import require_content, result_of, stated, writing
from gptoss_lab.documents.jobs import ParseJob, ParseResult
from gptoss_lab.documents.r_help import read_help
from gptoss_lab.documents.r_records import r_records
from gptoss_lab.documents.records import package_records
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.documents import IndexProgress

Report = Callable[[IndexProgress], None]


def build(job: ParseJob, report: Report) -> ParseResult:
    """Write the index of a job to its output path.

    Raises:
        DocumentError: Nothing in the source can be read.
        StorageError: The disk is full, or the folder is not writable.
    """
    if job.package is None and not job.r_package:
        return build_pages(job, report)
    records = _r_package(job, report) if job.r_package else _package(job, report)
    require_content(job, len(records.chunks) + len(records.symbols), records.warnings)
    report(IndexProgress(source=job.source, step="index", detail=job.title))
    with writing(Path(job.output)) as writer:
        writer.write(records)
        counts = writer.finish(stated(job))
    return result_of(counts, records.warnings)


def _r_package(job: ParseJob, report: Report) -> Records:
    def step(detail: str, done: int, total: int) -> None:
        report(IndexProgress(source=job.source, step="parse", detail=detail, done=done, total=total))

    with Path(job.r_help).open(encoding="utf-8") as lines:
        return r_records(map(read_help, lines), job.r_package, job.version, step)


def _package(job: ParseJob, report: Report) -> Records:
    if job.package is None:
        raise DocumentError("The job names no package")

    def step(detail: str, done: int, total: int) -> None:
        report(IndexProgress(source=job.source, step="parse", detail=detail, done=done, total=total))

    return package_records(job.package, step)
