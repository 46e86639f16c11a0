"""Reads a paper in a child process: progress, limits, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable

from pydantic import ValidationError

from gptoss_lab.documents.child import ERRORS, end_process, tail_of
from gptoss_lab.errors import DocumentError, SourceLimitError
from gptoss_lab.papers.jobs import ReadFailure, ReadJob, ReadLine
from gptoss_lab.schemas.papers import Paper

Report = Callable[[str, int, int], None]

_LINE_BYTES = 64 << 20


async def read_in_child(job: ReadJob, report: Report) -> Paper:
    """Read a paper in a child process, which is killed when this is cancelled.

    Raises:
        DocumentError: It cannot be read.
        SourceLimitError: It takes more time or memory than allowed, or is over another limit.
    """
    # The folder is ours and empty: nothing in it can shadow a module.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gptoss_lab.papers.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=job.folder,
        limit=_LINE_BYTES,
    )
    try:
        return await asyncio.wait_for(_talk(process, job, report), timeout=job.timeout_s or None)
    except asyncio.TimeoutError:
        raise SourceLimitError(
            f"Reading {job.name} took more than {job.timeout_s:.0f} s",
            hint="Use a smaller copy of it, or raise read_timeout_s of the papers section.",
        ) from None
    finally:
        await end_process(process)


async def _talk(process: asyncio.subprocess.Process, job: ReadJob, report: Report) -> Paper:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise DocumentError("The reader has no pipes")
    errors = asyncio.ensure_future(tail_of(process.stderr))
    try:
        # A child that ended before it read the job says why on its standard error.
        with contextlib.suppress(ConnectionError):
            process.stdin.write(job.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        async for raw in process.stdout:
            line = ReadLine.model_validate_json(raw)
            if line.step is not None:
                report(line.step.detail, line.step.done, line.step.total)
            if line.paper is not None:
                return line.paper
            if line.failure is not None:
                raise _error(line.failure)
        raise _lost(job, await process.wait(), await errors)
    except (ConnectionError, ValidationError, ValueError) as error:
        raise DocumentError(f"The reader of {job.name} failed: {error}") from error
    finally:
        errors.cancel()


def _error(failure: ReadFailure) -> Exception:
    return ERRORS.get(failure.code, DocumentError)(failure.message, hint=failure.hint)


def _lost(job: ReadJob, status: int, errors: str) -> DocumentError:
    if status < 0:
        return SourceLimitError(
            f"The reader of {job.name} was ended by signal {-status}; it may be over a limit"
        )
    return DocumentError(f"The reader of {job.name} ended with status {status}: {errors.strip()[-300:]}")
