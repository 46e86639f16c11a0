"""Connections to indexes, kept open between questions: to open one takes as long as to answer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_IDLE = 8
_MAPPED_BYTES = 1 << 30
_STATEMENTS = 256

_Key = tuple[str, int, int, int, int]


class Connections:
    """Lends each connection to one thread at a time.

    An index is replaced as a whole and never changed, so that a connection is good as long as the
    same file stands in the place.

    Args:
        limit: How many are kept open while nobody asks.
    """

    def __init__(self, limit: int = MAX_IDLE) -> None:
        self._limit = limit
        self._idle: list[tuple[_Key, sqlite3.Connection]] = []
        self._lock = threading.Lock()

    @contextmanager
    def to(self, path: Path) -> Iterator[sqlite3.Connection]:
        """Lend a connection to an index, open for reading. After any error it is closed.

        Raises:
            DatabaseError: It cannot be opened.
        """
        key = _key(path)
        db = self._taken(key) if key is not None else None
        if db is None:
            db = _opened(path)
        try:
            yield db
        except BaseException:
            db.close()
            raise
        if key is None:
            db.close()
        else:
            self._keep(key, db)

    def forget(self, path: Path) -> None:
        """Close what is open to a path, so that a file that was removed takes no space."""
        self._close(lambda key: key[0] == str(path))

    def _taken(self, key: _Key) -> sqlite3.Connection | None:
        with self._lock:
            for at in reversed(range(len(self._idle))):
                if self._idle[at][0] == key:
                    return self._idle.pop(at)[1]
        return None

    def _keep(self, key: _Key, db: sqlite3.Connection) -> None:
        with self._lock:
            self._idle.append((key, db))
            oldest = self._idle[: -self._limit] if len(self._idle) > self._limit else []
            self._idle = self._idle[len(oldest) :]
        for _, idle in oldest:
            idle.close()
        self._close(lambda idle: _key(Path(idle[0])) != idle)

    def _close(self, is_over: Callable[[_Key], bool]) -> None:
        with self._lock:
            over = [entry for entry in self._idle if is_over(entry[0])]
            self._idle = [entry for entry in self._idle if entry not in over]
        for _, db in over:
            db.close()


def _opened(path: Path) -> sqlite3.Connection:
    # Nothing writes to the file, so no lock is needed and it may be mapped.
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    db.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    db.row_factory = sqlite3.Row
    return db


def _key(path: Path) -> _Key | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return (str(path), state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


CONNECTIONS = Connections()
