"""One file that carries an image to another machine: which runtime it is for, and how it is written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tarfile
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

from gptoss_lab.errors import RequestError, StorageError
from gptoss_lab.schemas.execution import RuntimeName

T = TypeVar("T")

HEADER = "gptoss-sandbox.json"
"""The first member of an environment's archive; Docker's own archives begin otherwise."""


def archive_runtime(file: Path) -> RuntimeName:
    """Return the runtime that a file is for, by how it begins. This reads the disk: call it in a thread.

    Raises:
        RequestError: There is no such file.
        NotOursError: It is not a tar archive, or an empty one.
    """
    try:
        with tarfile.open(file, "r:") as archive:
            first = archive.next()
    except FileNotFoundError as error:
        raise RequestError(f"There is no file {file}", hint="Check the path.") from error
    except (OSError, tarfile.TarError) as error:
        raise NotOursError(file, f"it cannot be read as a tar archive ({error})") from error
    if first is None:
        raise NotOursError(file, "it is empty")
    return "bubblewrap" if first.name == HEADER else "docker"


class NotOursError(RequestError):
    """The file is none that `save` wrote."""

    default_hint = "Load a file that `jupyter gptoss sandbox save` wrote; copy it again if it was cut short."

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} is not a sandbox image of ours: {reason}")


async def stoppable(work: Callable[[threading.Event], Awaitable[T]]) -> T:
    """Do something in a thread that looks at an event; when cancelled, set that and wait for the end.

    Raises:
        CancelledError: The caller was cancelled; the work has ended all the same.
    """
    stopped = threading.Event()
    task = asyncio.ensure_future(work(stopped))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.wait({task})
        raise


@contextlib.contextmanager
def written_whole(target: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Write a file that appears when it is whole, or not at all.

    Raises:
        RequestError: There is such a file, and it is not to be replaced.
        StorageError: The disk is full or not writable.
    """
    if target.exists() and not force:
        raise RequestError(f"{target} exists", hint="Name another file, or replace it with --force.")
    draft: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        draft = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
        draft.chmod(0o644)
        os.replace(draft, target)  # noqa: PTH105 - atomic on one file system
    except OSError as error:
        raise StorageError(
            f"{target} cannot be written: {error.strerror}", hint="Free some space, or name another place."
        ) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
