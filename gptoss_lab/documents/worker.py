"""The parsing child: `python -m gptoss_lab.documents.worker`, one job as JSON on standard input.

It answers JSON lines on standard output, keeps to limits on memory and processor time, and ends
with its parent: the parent holds standard input open as long as it lives.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import threading

from pydantic import ValidationError

from gptoss_lab.documents.build import build
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
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit(job)
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


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def _limit(job: ParseJob) -> None:
    limits = [(resource.RLIMIT_CORE, 0)]
    if job.memory_bytes:
        limits.append((resource.RLIMIT_AS, job.memory_bytes))
    if job.timeout_s:
        limits.append((resource.RLIMIT_CPU, math.ceil(job.timeout_s) + 5))
    for kind, value in limits:
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, hard))


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
