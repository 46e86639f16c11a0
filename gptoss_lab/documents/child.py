"""Runs a parse job in a child process: progress, limits, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from gptoss_lab.documents.jobs import ParseFailure, ParseJob, ParseResult, WorkerLine
from gptoss_lab.errors import (
    DocumentError,
    SourceLimitError,
    SourceNotFoundError,
    SourceRefusedError,
    StorageError,
)
from gptoss_lab.schemas.documents import IndexProgress

_KINDS = (DocumentError, SourceNotFoundError, SourceRefusedError, SourceLimitError, StorageError)
ERRORS = {kind.code: kind for kind in _KINDS}
_LINE_BYTES = 1 << 20
_STDERR_BYTES = 4_000


async def parse_in_child(job: ParseJob, report: Callable[[IndexProgress], None]) -> ParseResult:
    """Build the index of a job in a child process, which is killed when this is cancelled.

    Raises:
        DocumentError: The source cannot be read.
        SourceLimitError: It takes more time or memory than allowed.
        StorageError: The disk is full, or the folder is not writable.
    """
    # The folder of the output is ours: nothing in it can shadow a module.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gptoss_lab.documents.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(job.output).parent,
        limit=_LINE_BYTES,
    )
    try:
        return await asyncio.wait_for(_talk(process, job, report), timeout=job.timeout_s or None)
    except asyncio.TimeoutError:
        raise SourceLimitError(
            f"Reading {job.title} took more than {job.timeout_s:.0f} s",
            hint="Point at a smaller part of it, or raise parse_timeout_s.",
        ) from None
    finally:
        await end_process(process)


async def _talk(
    process: asyncio.subprocess.Process, job: ParseJob, report: Callable[[IndexProgress], None]
) -> ParseResult:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise DocumentError("The parser has no pipes")
    errors = asyncio.ensure_future(tail_of(process.stderr))
    try:
        # A child that ended before it read the job says why on its standard error.
        with contextlib.suppress(ConnectionError):
            process.stdin.write(job.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        async for raw in process.stdout:
            line = WorkerLine.model_validate_json(raw)
            if line.progress is not None:
                report(line.progress)
            if line.result is not None:
                return line.result
            if line.failure is not None:
                raise _error(line.failure)
        raise _lost(job, await process.wait(), await errors)
    except (ConnectionError, ValidationError, ValueError) as error:
        raise DocumentError(f"The parser of {job.title} failed: {error}") from error
    finally:
        errors.cancel()


def _error(failure: ParseFailure) -> Exception:
    return ERRORS.get(failure.code, DocumentError)(failure.message, hint=failure.hint)


def _lost(job: ParseJob, status: int, errors: str) -> DocumentError:
    if status < 0:
        return SourceLimitError(
            f"The parser of {job.title} was ended by signal {-status}; it may be over a limit"
        )
    return DocumentError(f"The parser of {job.title} ended with status {status}: {errors.strip()[-300:]}")


async def tail_of(stream: asyncio.StreamReader) -> str:
    """Return the last words of a stream."""
    kept = b""
    while block := await stream.read(4096):
        kept = (kept + block)[-_STDERR_BYTES:]
    return kept.decode(errors="replace")


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Kill a child that runs, and wait for its end."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
