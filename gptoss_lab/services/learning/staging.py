"""Rows on the disk while they are gathered, so that their number does not matter to the memory."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from gptoss_lab.services.learning.rows import Kind, Row

Split = Literal["train", "validation"]
Added = Literal["new", "exact", "near"]
_SCHEMA = """
CREATE TABLE rows (
    place INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    split TEXT NOT NULL,
    text TEXT NOT NULL,
    exact BLOB NOT NULL UNIQUE,
    near BLOB NOT NULL UNIQUE
);
"""
COMMIT_EVERY = 2_000
CACHE_KIB = 16_384


class Staging:
    """A file of rows without duplicates; it lies in a temporary folder and goes with it.

    Args:
        folder: Where the file is made.
        seed: Which notebooks are for validation depends on it.
        validation: The share of notebooks that are, 0 to 1.
    """

    def __init__(self, folder: Path, *, seed: int, validation: float) -> None:
        self._database = sqlite3.connect(folder / "rows.sqlite")
        self._database.executescript(
            # A run that is cut off begins anew: nothing need outlive it.
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE_KIB};{_SCHEMA}"
        )
        self._seed = seed
        self._validation = validation
        self._waiting = 0

    def add(self, row: Row) -> Added:
        """Add a row unless it is there already, as it stands or but for its layout."""
        split = split_of(row.notebook, self._seed, self._validation)
        cursor = self._database.execute(
            "INSERT OR IGNORE INTO rows (kind, split, text, exact, near) VALUES (?, ?, ?, ?, ?)",
            (row.kind, split, row.text, row.exact, row.near),
        )
        self._waiting += 1
        if self._waiting >= COMMIT_EVERY:
            self._database.commit()
            self._waiting = 0
        if cursor.rowcount:
            return "new"
        known = self._database.execute("SELECT 1 FROM rows WHERE exact = ?", (row.exact,)).fetchone()
        return "exact" if known else "near"

    def rows(self, kind: Kind, split: Split) -> Iterator[str]:
        """Yield the rows of a file, in the order in which they came."""
        query = "SELECT text FROM rows WHERE kind = ? AND split = ? ORDER BY place"
        for (text,) in self._database.execute(query, (kind, split)):
            yield text

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def split_of(notebook: str, seed: int, validation: float) -> Split:
    """Return where all rows of a notebook go; the same for the same seed, whatever else is exported."""
    digest = hashlib.sha256(json.dumps([seed, notebook]).encode()).digest()
    return "validation" if int.from_bytes(digest[:8], "big") < validation * 2**64 else "train"
