"""The reading child: `python -m gptoss_lab.papers.worker`, one job as JSON on standard input.

It answers JSON lines on standard output, keeps to limits on memory and processor time, and ends with its
parent.
"""

from __future__ import annotations

import os
import sys

from pydantic import ValidationError

from gptoss_lab.documents.confined import confine
from gptoss_lab.errors import DocumentError, GptossError, SourceLimitError
from gptoss_lab.papers.jobs import ReadFailure, ReadJob, ReadLine, ReadStep


def main() -> int:
    """Run one job; return the exit status."""
    line = sys.stdin.buffer.readline()
    try:
        job = ReadJob.model_validate_json(line)
    except ValidationError as error:
        return _fail(DocumentError(f"The job cannot be read: {error.error_count()} errors"))
    confine(memory_bytes=job.memory_bytes, seconds=job.timeout_s)
    try:
        from gptoss_lab.papers.load import load  # noqa: PLC0415 - what it imports counts towards the limit

        paper = load(job, lambda detail, done, total: _write(ReadLine(step=_step(detail, done, total))))
    except GptossError as error:
        return _fail(error)
    except OSError as error:
        return _fail(DocumentError(f"{job.name} cannot be read: {error.strerror or type(error).__name__}"))
    except MemoryError:
        shown = job.memory_bytes >> 20
        return _fail(
            SourceLimitError(
                f"Reading {job.name} needs more than {shown} MB of memory",
                hint="Use a smaller copy of it, or raise read_memory_bytes of the papers section.",
            )
        )
    except RecursionError:
        return _fail(DocumentError(f"{job.name} is nested too deeply to be read"))
    _write(ReadLine(paper=paper))
    return 0


def _step(detail: str, done: int, total: int) -> ReadStep:
    return ReadStep(detail=detail, done=done, total=total)


def _fail(error: GptossError) -> int:
    _write(ReadLine(failure=ReadFailure(code=error.code, message=error.message, hint=error.hint)))
    return 1


def _write(line: ReadLine) -> None:
    sys.stdout.write(line.model_dump_json(exclude_none=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # what a large paper holds takes seconds to free
