"""What SQLite and the disk say of a database, as an error of ours."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timezone

from gptoss_lab.errors import StorageError


@contextlib.contextmanager
def told_of(database: str, what: str) -> Iterator[None]:
    """Turn what SQLite and the system say into an error of ours.

    Args:
        database: What a person calls it.
        what: What it cannot be, such as "read".

    Raises:
        StorageError: They said it.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"{database} cannot be {what}: {error}",
            hint="Free disk space, and look at the permissions of the data folder.",
        ) from error


def time_stamp() -> str:
    """Return the moment as a part of the name of a file that is set aside."""
    return datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
