"""The SQLite file of jobs. Every method blocks and may be called from any one thread at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from gptoss_lab.errors import StorageError
from gptoss_lab.services.database_faults import time_stamp, told_of
from gptoss_lab.services.job_store.records import JobEnd, JobRecord, StoredEvent, SummaryPage

VERSION = 1
FILE = "jobs.sqlite"
TITLE = "The store of jobs"
BUSY_S = 5.0
_BEYOND = 1 << 62

_SCHEMA = """
CREATE TABLE jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT NOT NULL DEFAULT '',
    sent TEXT NOT NULL,
    digest TEXT NOT NULL,
    summary TEXT NOT NULL,
    key TEXT NOT NULL DEFAULT '',
    server TEXT NOT NULL,
    size_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_of_owner ON jobs (owner, place);
CREATE INDEX jobs_by_key ON jobs (owner, key) WHERE key <> '';
CREATE INDEX jobs_that_run ON jobs (server) WHERE finished_at = '';
CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs (place) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) WITHOUT ROWID;
"""
_RECORD = "name, owner, kind, created_at, finished_at, sent, digest, summary, key, server"


class JobStore:
    """Jobs and their events.

    A file that is no database is set aside under a name with the time. One that a newer version of ours
    wrote is left alone: whoever installs that version again finds all jobs, and until then none are kept.

    Args:
        folder: Where the file lies, with mode 0700.

    Raises:
        StorageError: It cannot be opened or made, or a newer version wrote it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        with told_of(TITLE, "opened"):
            self._database = self._open()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def write(
        self, begun: Iterable[JobRecord], events: Iterable[StoredEvent], ended: Iterable[JobEnd]
    ) -> None:
        """Add jobs, events and ends, all or nothing.

        Raises:
            StorageError: The disk is full or not writable.
        """
        with told_of(TITLE, "written"), self._database as database:
            database.executemany(
                f"INSERT INTO jobs ({_RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
                [
                    (
                        job.name,
                        job.owner,
                        job.kind,
                        job.created_at,
                        job.finished_at,
                        job.sent,
                        job.digest,
                        job.summary,
                        job.key,
                        job.server,
                    )
                    for job in begun
                ],
            )
            told = list(events)
            database.executemany(
                "INSERT OR IGNORE INTO events SELECT place, ?, ? FROM jobs WHERE name = ?",
                [(event.seq, event.data, event.job) for event in told],
            )
            sizes: dict[str, int] = {}
            for event in told:
                sizes[event.job] = sizes.get(event.job, 0) + len(event.data)
            database.executemany(
                "UPDATE jobs SET size_bytes = size_bytes + ? WHERE name = ?",
                [(size, job) for job, size in sizes.items()],
            )
            database.executemany(
                "UPDATE jobs SET finished_at = ?, summary = ? WHERE name = ?",
                [(end.finished_at, end.summary, end.name) for end in ended],
            )

    def find(self, name: str) -> JobRecord | None:
        """Return a job; None where there is none.

        Raises:
            StorageError: The file cannot be read.
        """
        return next(iter(self._records("name = ?", name)), None)

    def find_key(self, owner: str, key: str) -> JobRecord | None:
        """Return the newest job of an owner that was sent under a key.

        Raises:
            StorageError: The file cannot be read.
        """
        found = self._records("owner = ? AND key = ? AND key <> '' ORDER BY place DESC LIMIT 1", owner, key)
        return next(iter(found), None)

    def unfinished(self) -> list[JobRecord]:
        """Return the jobs without an end.

        Raises:
            StorageError: The file cannot be read.
        """
        return self._records("finished_at = ''")

    def events(self, name: str) -> list[str]:
        """Return the events of a job in order, as JSON.

        Raises:
            StorageError: The file cannot be read.
        """
        query = "SELECT data FROM events WHERE job = (SELECT place FROM jobs WHERE name = ?) ORDER BY seq"
        with told_of(TITLE, "read"):
            return [data for (data,) in self._database.execute(query, (name,))]

    def page(self, owner: str, *, limit: int, before: int = 0) -> SummaryPage:
        """Return an owner's jobs in short, newest first; `before` is the place of the last one seen.

        Raises:
            StorageError: The file cannot be read.
        """
        query = (
            "SELECT place, name, summary FROM jobs WHERE owner = ? AND place < ? ORDER BY place DESC LIMIT ?"
        )
        with told_of(TITLE, "read"):
            rows = self._database.execute(query, (owner, before or _BEYOND, limit + 1)).fetchall()
        shown = rows[:limit]
        last = shown[-1][0] if shown and len(rows) > limit else 0
        return SummaryPage(tuple((name, summary) for _, name, summary in shown), last)

    def forget(self, *, max_jobs: int, max_bytes: int, max_age_days: float) -> int:
        """Remove finished jobs that are too old or too many, the oldest first; return how many.

        Raises:
            StorageError: The disk is not writable.
        """
        age = timedelta(days=max_age_days)
        oldest = (datetime.now(timezone.utc) - age).isoformat(timespec="milliseconds")
        with told_of(TITLE, "written"), self._database as database:
            gone = database.execute(
                "DELETE FROM jobs WHERE finished_at <> '' AND finished_at < ?", (oldest,)
            ).rowcount
            total = "SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM jobs"
            count, size = database.execute(total).fetchone()
            if count <= max_jobs and size <= max_bytes:
                return gone
            ended = database.execute(
                "SELECT place, size_bytes FROM jobs WHERE finished_at <> '' ORDER BY place"
            )
            surplus = list(_surplus(ended, count - max_jobs, size - max_bytes))
            database.executemany("DELETE FROM jobs WHERE place = ?", [(place,) for place in surplus])
            return gone + len(surplus)

    def _records(self, where: str, *values: str) -> list[JobRecord]:
        with told_of(TITLE, "read"):
            rows = self._database.execute(f"SELECT {_RECORD} FROM jobs WHERE {where}", values)  # noqa: S608
            return [JobRecord(*row) for row in rows]

    def _open(self) -> sqlite3.Connection:
        database = self._connect()
        try:
            known: int = database.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError:
            known = -1  # not a database at all
        if known > VERSION:
            database.close()
            raise StorageError(
                f"A newer gptoss_lab keeps its jobs in {self._path} (form {known}; this one reads {VERSION})",
                hint="Install the newer version again, or move that file away to begin anew.",
            )
        if known not in {0, VERSION}:
            database.close()
            self._path.replace(self._path.with_name(f"{FILE}.{time_stamp()}"))
            for side in ("-wal", "-shm"):
                self._path.with_name(f"{FILE}{side}").unlink(missing_ok=True)
            return self._made(self._connect())
        return self._made(database) if known == 0 else database

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        # The keeper lets one thread at a time in.
        database = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
        database.execute("PRAGMA foreign_keys = ON")
        return database

    def _made(self, database: sqlite3.Connection) -> sqlite3.Connection:
        database.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last seconds; a killed server costs nothing.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN IMMEDIATE")
        if database.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.commit()
        return database


def _surplus(rows: Iterator[Sequence[int]], jobs: int, size_bytes: int) -> Iterator[int]:
    """Yield the places of rows until so many, and so much, are gone."""
    for place, size in rows:
        if jobs <= 0 and size_bytes <= 0:
            return
        yield place
        jobs, size_bytes = jobs - 1, size_bytes - size
