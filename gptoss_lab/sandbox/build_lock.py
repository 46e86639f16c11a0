"""One builder at a time on this machine, whichever process it is in."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

from gptoss_lab.errors import StorageError
from gptoss_lab.sandbox.runtime import Report

FILE = ".lock"
PERIOD_S = 0.2


@contextlib.asynccontextmanager
async def only_builder(folder: Path, report: Report) -> AsyncIterator[None]:
    """Let one builder in at a time; the others wait, and say so.

    Raises:
        StorageError: The folder cannot be written.
    """
    with await asyncio.to_thread(_open, folder) as file:
        if not locked(file):
            await report("Waiting for another build to end", 0, 0)
        while not locked(file):  # noqa: ASYNC110 - the other builder may be another process
            await asyncio.sleep(PERIOD_S)
        yield


def _open(folder: Path) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        return (folder / FILE).open("a", encoding="ascii")
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}") from error


def locked(file: IO[Any]) -> bool:
    """Take a file for ourselves, if nobody holds it.

    Raises:
        OSError: It cannot be locked at all.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise
    return True
