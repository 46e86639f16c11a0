"""Builds an index in a child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gptoss_lab.documents.child_process import ChildProcess, error_of
from gptoss_lab.documents.jobs import ParseJob, ParseResult, WorkerLine
from gptoss_lab.schemas.documents import IndexProgress

_LINE_BYTES = 1 << 20


async def parse_in_child(job: ParseJob, report: Callable[[IndexProgress], None]) -> ParseResult:
    """Build the index of a job in a child process, which is killed when this is cancelled.

    Raises:
        DocumentError: The source cannot be read.
        SourceLimitError: It takes more time or memory than allowed.
        StorageError: The disk is full, or the folder is not writable.
    """

    def take(raw: bytes) -> ParseResult | None:
        line = WorkerLine.model_validate_json(raw)
        if line.progress is not None:
            report(line.progress)
        if line.failure is not None:
            raise error_of(line.failure)
        return line.result

    child = ChildProcess(
        module="gptoss_lab.documents.worker",
        role="parser",
        name=job.title,
        job=job.model_dump_json(),
        folder=Path(job.output).parent,
        line_bytes=_LINE_BYTES,
        timeout_s=job.timeout_s,
        hint="Point at a smaller part of it, or raise parse_timeout_s.",
    )
    return await child.answer(take)
