"""A person's feedback on the disk: one item a line, appended wholly or not at all, and bounded."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gptoss_lab.errors import StorageError

SUFFIX = ".jsonl"
_OLDER = f".older{SUFFIX}"
_LOCK = ".lock"


class FeedbackFile:
    """The file of one owner, and the full one before it. Every method blocks.

    Args:
        folder: Where all owners' files lie; made with mode 0700.
        name: The file's name without its suffix.
        max_bytes: When the file would grow larger, it takes the place of the older one.
    """

    def __init__(self, folder: Path, name: str, max_bytes: int) -> None:
        self._folder = folder
        self._path = folder / f"{name}{SUFFIX}"
        self._older = folder / f"{name}{_OLDER}"
        self._max_bytes = max_bytes

    def append(self, lines: Iterable[str]) -> None:
        """Add lines and have the disk confirm them.

        Raises:
            StorageError: The disk is full or not writable; nothing was added.
        """
        data = "".join(f"{line}\n" for line in lines).encode()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked():
                self._turn_over(len(data))
                self._write(data)
        except OSError as error:
            raise StorageError(f"Feedback cannot be kept: {error.strerror or error}") from error

    def lines(self) -> Iterator[str]:
        """Yield the lines, oldest first.

        Raises:
            StorageError: A file cannot be read.
        """
        try:
            for path in filter(Path.exists, (self._older, self._path)):
                with path.open(encoding="utf-8", errors="replace") as file:
                    yield from file
        except OSError as error:
            raise StorageError(f"Feedback cannot be read: {error.strerror}") from error

    def _turn_over(self, more_bytes: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_size + more_bytes > self._max_bytes:
                self._path.replace(self._older)

    def _write(self, data: bytes) -> None:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                data = b"\n" + data  # a process ended within a line
            try:
                _write_all(file, data)
            except OSError:
                os.ftruncate(file, size)
                raise
            os.fsync(file)
        finally:
            os.close(file)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other threads and other servers on this folder out."""
        file = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def name_of(owner: str) -> str:
    """Return the name of an owner's file: a user name may hold anything, a file name may not."""
    return hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def names_in(folder: Path) -> list[str]:
    """Return the names of all files of a folder, one for each owner. Blocks."""
    found = {path.name.removesuffix(_OLDER).removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")}
    return sorted(found)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
