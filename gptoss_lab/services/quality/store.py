"""The SQLite file of facts. Every method blocks and may be called from any one thread at a time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from gptoss_lab.errors import StorageError
from gptoss_lab.services.database_faults import time_stamp, told_of
from gptoss_lab.services.quality.facts import JOB_FIELDS, REVIEW_FIELDS, Batch, row_of

VERSION = 1
FILE = "quality.sqlite"
TITLE = "The figures of the monitor"
BUSY_S = 5.0
DAY_S = 86_400
FINE_S = 26 * 3600
"""What is older is tallied by the hour."""
COARSE_S = 3600
MAX_JOBS = 200_000

_TABLES = """
CREATE TABLE IF NOT EXISTS {place}.jobs (
    at REAL NOT NULL,
    job TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    generator TEXT NOT NULL,
    model TEXT NOT NULL,
    templates TEXT NOT NULL,
    docs TEXT NOT NULL,
    result TEXT NOT NULL,
    unparsed INTEGER NOT NULL,
    failed_check INTEGER NOT NULL,
    failed_run INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    ran INTEGER NOT NULL,
    rounds INTEGER NOT NULL,
    ok INTEGER NOT NULL,
    first_text_s REAL,
    tokens_per_s REAL,
    duration_s REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {place}.jobs_by_time ON jobs (at);
CREATE TABLE IF NOT EXISTS {place}.reviews (
    job TEXT NOT NULL,
    cell TEXT NOT NULL,
    at REAL NOT NULL,
    generator TEXT NOT NULL,
    model TEXT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (job, cell)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {place}.reviews_by_time ON reviews (at);
CREATE TABLE IF NOT EXISTS {place}.tallies (
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, what, name, size)
) WITHOUT ROWID;
"""
_VIEWS = """
CREATE TEMP VIEW seen_jobs AS SELECT * FROM temp.jobs UNION ALL
    SELECT * FROM main.jobs WHERE job NOT IN (SELECT job FROM temp.jobs);
CREATE TEMP VIEW seen_reviews AS SELECT * FROM temp.reviews UNION ALL
    SELECT * FROM main.reviews kept WHERE NOT EXISTS
    (SELECT 1 FROM temp.reviews new WHERE new.job = kept.job AND new.cell = kept.cell);
CREATE TEMP VIEW seen_tallies AS SELECT * FROM temp.tallies UNION ALL SELECT * FROM main.tallies;
"""
# Names without a place would be those of the temporary tables, which hold what waits.
_MOVE = (
    "INSERT INTO main.tallies SELECT at - at % {step}, what, name, size, SUM(count) FROM main.tallies "
    "WHERE at < {before} AND at % {step} <> 0 GROUP BY 1, 2, 3, 4 "
    "ON CONFLICT DO UPDATE SET count = count + excluded.count"
)
_DAMAGED = ("malformed", "not a database")


class QualityStore:
    """Facts of all servers of a folder.

    A file that is damaged, or of a version that is not known, is set aside and never changed.

    Args:
        folder: Where the file lies, with mode 0700; None keeps facts in memory.

    Raises:
        StorageError: It cannot be opened or made.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE if folder else None
        with told_of(TITLE, "opened"):
            self._database = self._open()
            self._prepare()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add(self, batch: Batch) -> None:
        """Add facts, all or nothing; a decision replaces the one before on its cell.

        Raises:
            StorageError: The disk is full or not writable, or the file is damaged.
        """
        with told_of(TITLE, "written"), self._database:
            self._insert("main", batch)

    def forget(self, now: float, max_age_days: float, max_jobs: int = MAX_JOBS) -> None:
        """Remove what is too old or too much, and tally by the hour what is older than a day.

        A clock that was set far ahead for a moment removes nothing: age counts from the newest job that
        is not newer than now.

        Raises:
            StorageError: The disk is not writable, or the file is damaged.
        """
        with told_of(TITLE, "written"), self._database as database:
            query = "SELECT MAX(at) FROM main.jobs WHERE at <= ?"
            newest: float | None = database.execute(query, (now - COARSE_S,)).fetchone()[0]
            before = min(now, now if newest is None else newest + DAY_S) - max_age_days * DAY_S
            for table in ("jobs", "reviews", "tallies"):
                database.execute(f"DELETE FROM main.{table} WHERE at < ?", (before,))  # noqa: S608 - our own names
            surplus = database.execute("SELECT COUNT(*) FROM main.jobs").fetchone()[0] - max_jobs
            if surplus > 0:
                oldest = "SELECT job FROM main.jobs ORDER BY at LIMIT ?"
                database.execute(f"DELETE FROM main.jobs WHERE job IN ({oldest})", (surplus,))  # noqa: S608 - as above
            fine = int(now - FINE_S) // COARSE_S * COARSE_S
            database.execute(_MOVE.format(step=COARSE_S, before=fine))
            database.execute("DELETE FROM main.tallies WHERE at < ? AND at % ? <> 0", (fine, COARSE_S))

    @contextlib.contextmanager
    def seen(self, waiting: Batch) -> Iterator[sqlite3.Connection]:
        """Give the views `seen_jobs`, `seen_reviews` and `seen_tallies`, with what waits to be written.

        Raises:
            StorageError: The file cannot be read.
        """
        with told_of(TITLE, "read"):
            try:
                with self._database:
                    self._insert("temp", waiting)
                yield self._database
            finally:
                with self._database as database:
                    for table in ("jobs", "reviews", "tallies"):
                        database.execute(f"DELETE FROM temp.{table}")  # noqa: S608 - our own names

    def _insert(self, place: str, batch: Batch) -> None:
        database = self._database
        for table, names, facts in (
            ("jobs", JOB_FIELDS, batch.jobs),
            ("reviews", REVIEW_FIELDS, batch.reviews),
        ):
            marks = ", ".join("?" * len(names))
            query = f"INSERT OR REPLACE INTO {place}.{table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - as above
            database.executemany(query, [row_of(fact) for fact in facts])
        database.executemany(
            f"INSERT INTO {place}.tallies VALUES (?, ?, ?, ?, ?) "  # noqa: S608 - as above
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(*key, count) for key, count in batch.tallies.items()],
        )

    def _open(self) -> sqlite3.Connection:
        database = self._connect()
        try:
            known: int = database.execute("PRAGMA user_version").fetchone()[0]
            sound = known in {0, VERSION} and database.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        except sqlite3.OperationalError:
            database.close()
            raise
        except sqlite3.DatabaseError:
            sound = False  # not a database at all
        if sound or self._path is None:
            return database
        database.close()
        self._path.replace(self._path.with_name(f"{FILE}.{time_stamp()}"))
        for side in ("-wal", "-shm"):
            self._path.with_name(f"{FILE}{side}").unlink(missing_ok=True)
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        if self._path is not None:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        # The keeper lets one thread at a time in.
        return sqlite3.connect(self._path or ":memory:", timeout=BUSY_S, check_same_thread=False)

    def _prepare(self) -> None:
        database = self._database
        database.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last seconds; a killed server costs nothing.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA temp_store = MEMORY")
        with database:
            database.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, _TABLES.format(place="main").split(";")):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
        for statement in filter(str.strip, (_TABLES.format(place="temp") + _VIEWS).split(";")):
            database.execute(statement)


def is_damaged(error: StorageError) -> bool:
    """Say whether what SQLite said is that the file is none of its own any more."""
    return any(words in error.message for words in _DAMAGED)
