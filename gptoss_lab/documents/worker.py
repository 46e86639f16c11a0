"""The parsing child: `python -m gptoss_lab.documents.worker`, one job as JSON on standard input.

It answers JSON lines on standard output, keeps to limits on memory and processor time, and ends
with its parent: the parent holds standard input open as long as it lives.
"""

from __future__ import annotations

import os
import sys

from pydantic import ValidationError

from gptoss_lab.documents.build import build
from gptoss_lab.documents.confined import confine
from gptoss_lab.documents.jobs import ParseFailure, ParseJob, WorkerLine
from gptoss_lab.errors import GptossError, SourceLimitError
from gptoss_lab.schemas.documents import IndexProgress


def main() -> int:
    """Run one job; return the exit status."""
    line = sys.stdin.buffer.readline()
    try:
        job = ParseJob.model_validate_json(line)
    except ValidationError as error:
        return _fail("document", f"The job cannot be read: {error.error_count()} errors", "")
    confine(memory_bytes=job.memory_bytes, seconds=job.timeout_s)
    try:
        result = build(job, _report)
    except GptossError as error:
        return _fail(error.code, error.message, error.hint)
    except MemoryError:
        shown = job.memory_bytes >> 20
        return _fail(
            SourceLimitError.code,
            f"Reading {job.title} needs more than {shown} MB of memory",
            "Point at a smaller part of it, or raise parse_memory_bytes.",
        )
    except RecursionError:
        return _fail("document", f"{job.title} is nested too deeply to be read", "")
    _write(WorkerLine(result=result))
    return 0


def _report(progress: IndexProgress) -> None:
    _write(WorkerLine(progress=progress))


def _fail(code: str, message: str, hint: str) -> int:
    _write(WorkerLine(failure=ParseFailure(code=code, message=message, hint=hint)))
    return 1


def _write(line: WorkerLine) -> None:
    sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # the tree of a large package takes seconds to free
