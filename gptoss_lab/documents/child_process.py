"""A child that reads what a person named, line by line of JSON: its limits, its faults and its end."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from gptoss_lab.errors import (
    DocumentError,
    SourceLimitError,
    SourceNotFoundError,
    SourceRefusedError,
    StorageError,
)

Answer = TypeVar("Answer")
_KINDS = (DocumentError, SourceNotFoundError, SourceRefusedError, SourceLimitError, StorageError)
_ERRORS = {kind.code: kind for kind in _KINDS}
_STDERR_BYTES = 4_000


class Failure(Protocol):
    """Why a child has no answer; `code` is that of an error class."""

    @property
    def code(self) -> str:
        """Return it."""

    @property
    def message(self) -> str:
        """Return what happened."""

    @property
    def hint(self) -> str:
        """Return what to do."""


def error_of(failure: Failure) -> Exception:
    """Return the error that a child told."""
    return _ERRORS.get(failure.code, DocumentError)(failure.message, hint=failure.hint)


@dataclass(frozen=True)
class ChildProcess:
    """One job for a module of ours in a process of its own.

    Attributes:
        module: Is run with Python's `-m`.
        role: What a person calls it, such as "parser".
        name: What it reads, for messages.
        job: One line of JSON, its standard input.
        folder: Where it works. It is ours: nothing in it can shadow a module.
        line_bytes: The longest line that it may answer.
        timeout_s: After so long it is killed; 0 is never.
        hint: What to do where it took too long.
    """

    module: str
    role: str
    name: str
    job: str
    folder: Path
    line_bytes: int
    timeout_s: float
    hint: str

    async def answer(self, take: Callable[[bytes], Answer | None]) -> Answer:
        """Run it and return what `take` makes of a line; the child is killed when this is cancelled.

        Args:
            take: Is given each line. Returns the answer, or None where there is more to come; a ValueError
                means that the line is none.

        Raises:
            DocumentError: It failed.
            SourceLimitError: It takes more time or memory than allowed.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            limit=self.line_bytes,
        )
        try:
            return await asyncio.wait_for(self._talk(process, take), timeout=self.timeout_s or None)
        except asyncio.TimeoutError:
            told = f"Reading {self.name} took more than {self.timeout_s:.0f} s"
            raise SourceLimitError(told, hint=self.hint) from None
        finally:
            await _end(process)

    async def _talk(
        self, process: asyncio.subprocess.Process, take: Callable[[bytes], Answer | None]
    ) -> Answer:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise DocumentError(f"The {self.role} has no pipes")
        errors = asyncio.ensure_future(_tail_of(process.stderr))
        try:
            # A child that ended before it read the job says why on its standard error.
            with contextlib.suppress(ConnectionError):
                process.stdin.write(self.job.encode() + b"\n")
                await process.stdin.drain()
            async for line in process.stdout:
                answer = take(line)
                if answer is not None:
                    return answer
            raise self._lost(await process.wait(), await errors)
        except (ConnectionError, ValueError) as error:
            raise DocumentError(f"The {self.role} of {self.name} failed: {error}") from error
        finally:
            errors.cancel()

    def _lost(self, status: int, errors: str) -> DocumentError:
        if status < 0:
            return SourceLimitError(
                f"The {self.role} of {self.name} was ended by signal {-status}; it may be over a limit"
            )
        said = errors.strip()[-300:]
        return DocumentError(f"The {self.role} of {self.name} ended with status {status}: {said}")


async def _tail_of(stream: asyncio.StreamReader) -> str:
    kept = b""
    while block := await stream.read(4096):
        kept = (kept + block)[-_STDERR_BYTES:]
    return kept.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
