"""Which servers on a data folder are alive: each holds a lock that the system takes back when it ends."""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path

from gptoss_lab.errors import StorageError

SUFFIX = ".server"


class ServerLock:
    """The sign of life of one server. `name` is new for each.

    Args:
        folder: Where the servers of one data folder leave their signs.

    Raises:
        StorageError: The folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.name = uuid.uuid4().hex
        self._path = folder / f"{self.name}{SUFFIX}"
        try:
            self._file = os.open(
                self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StorageError(f"Jobs cannot be kept in {folder}: {error.strerror or error}") from error

    def close(self) -> None:
        """Take the sign away."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def remove_dead(folder: Path) -> None:
    """Remove the signs of servers that have ended. Blocks."""
    for path in folder.glob(f"*{SUFFIX}"):
        if not is_alive(folder, path.name.removesuffix(SUFFIX)):
            path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool:
    """Say whether a server holds its lock. Blocks."""
    try:
        file = os.open(folder / f"{name}{SUFFIX}", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
