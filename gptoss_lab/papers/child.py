"""Reads a paper in a child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gptoss_lab.documents.child_process import ChildProcess, error_of
from gptoss_lab.papers.jobs import ReadJob, ReadLine
from gptoss_lab.schemas.papers import Paper

Report = Callable[[str, int, int], None]

_LINE_BYTES = 64 << 20


async def read_in_child(job: ReadJob, report: Report) -> Paper:
    """Read a paper in a child process, which is killed when this is cancelled.

    Raises:
        DocumentError: It cannot be read.
        SourceLimitError: It takes more time or memory than allowed, or is over another limit.
    """

    def take(raw: bytes) -> Paper | None:
        line = ReadLine.model_validate_json(raw)
        if line.step is not None:
            report(line.step.detail, line.step.done, line.step.total)
        if line.failure is not None:
            raise error_of(line.failure)
        return line.paper

    child = ChildProcess(
        module="gptoss_lab.papers.worker",
        role="reader",
        name=job.name,
        job=job.model_dump_json(),
        folder=Path(job.folder),
        line_bytes=_LINE_BYTES,
        timeout_s=job.timeout_s,
        hint="Use a smaller copy of it, or raise read_timeout_s of the papers section.",
    )
    return await child.answer(take)
