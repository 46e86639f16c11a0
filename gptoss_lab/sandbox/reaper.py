"""Know which servers of ours are alive, so that what dead ones left can be removed.

Each server holds a lock on its own lease file for as long as it lives; the system drops the lock
however the server ends.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import uuid
from functools import cache
from pathlib import Path

from gptoss_lab.folders import run_dir

OWNER_LABEL = "org.gptoss-lab.owner"
SUFFIX = ".lease"


class Lease:
    """This process's proof of life. `owner` goes into the labels of what it starts."""

    def __init__(self, folder: Path) -> None:
        self.owner = uuid.uuid4().hex
        self._pid = os.getpid()
        self.path = folder / f"{self.owner}{SUFFIX}"
        self._fd = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Give it up, as the end of the process does, with our socket folders."""
        if os.getpid() != self._pid:
            return  # a forked child does not speak for its parent
        for folder in self.path.parent.glob(f"{self.owner[:8]}-*"):
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # the folder may be gone before us
            self.path.unlink()
        os.close(self._fd)


@cache
def _lease_of(folder: Path, pid: int) -> Lease:
    del pid  # a forked child must not share its parent's lease
    lease = Lease(folder)
    atexit.register(lease.release)
    return lease


def own_lease() -> Lease:
    """Return this process's lease, taken on first use."""
    return _lease_of(run_dir(), os.getpid())


def dead_owners() -> list[str]:
    """Return the owners of this user whose server has ended without cleaning up.

    An owner without a lease file here may be another user's, or another machine's, and is left alone.
    """
    return [path.stem for path in sorted(run_dir().glob(f"*{SUFFIX}")) if not _is_held(path)]


def socket_folder_prefix(owner: str) -> Path:
    """Return how the paths of an owner's socket folders begin."""
    return run_dir() / f"{owner[:8]}-"


def forget(owner: str) -> None:
    """Remove a dead owner's lease and socket folders, once nothing else of it is left."""
    path = run_dir() / f"{owner}{SUFFIX}"
    if _is_held(path):
        return
    prefix = socket_folder_prefix(owner)
    for folder in prefix.parent.glob(f"{prefix.name}*"):
        shutil.rmtree(folder, ignore_errors=True)
    path.unlink(missing_ok=True)


def _is_held(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
