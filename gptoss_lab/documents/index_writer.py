"""Writes an index: one SQLite file per source, complete or not at all."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from gptoss_lab.documents.blocks import FIRST_NARRATIVE, Records, Symbol
from gptoss_lab.documents.index_rows import IndexRows
from gptoss_lab.documents.index_schema import INDEXES, OPTIMIZE, SCHEMA
from gptoss_lab.documents.page_rows import PageRow, put_outside
from gptoss_lab.documents.placing import Starts, next_starts
from gptoss_lab.errors import DocumentError, StorageError


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the errors of a full or broken disk into ours.

    Raises:
        StorageError: The disk is full, or the folder is not writable.
        DocumentError: SQLite fails for another reason.
        OSError: The system fails for another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise StorageError(f"The disk is full while the index is written in {path.parent}") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise StorageError(f"The folder {path.parent} is not writable") from error
        raise
    except sqlite3.OperationalError as error:
        message = str(error)
        if any(part in message for part in ("full", "readonly", "disk I/O", "unable to open")):
            raise StorageError(f"The index cannot be written in {path.parent}: {message}") from error
        raise DocumentError(f"The index cannot be made: {message}") from error


class IndexWriter:
    """Fills a new index file. The caller renames it into place when all is well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = Starts(1, FIRST_NARRATIVE, 1)
        with storage_errors(path):
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript(SCHEMA)
            self._db.execute("BEGIN")
            self._rows = IndexRows(self._db)

    def write(self, records: Records) -> None:
        """Add everything of the records.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path):
            self._next = put_records(self._rows, records, self._next)
        self.symbols(records.symbols)

    def page(self, page: PageRow, records: Records) -> None:
        """Add a page, and what it gave, so that it need not be read again while its content stays.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path):
            end = put_records(self._rows, records, self._next)
            page.put(self._db, self._next)
            self._next = next_starts(self._next, end)

    def symbols(self, found: Iterable[Symbol], outside: Sequence[Symbol] | None = None) -> None:
        """Add objects; `outside` are those that the inventory alone names, of which pages may tell more.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path):
            for symbol in found:
                self._rows.add_symbol(symbol)
            if outside is not None:
                put_outside(self._db, outside)

    def finish(self, meta: Mapping[str, str]) -> dict[str, int]:
        """Complete the file and return the number of chunks, symbols and examples.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path), closing(self._db):
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
            for statement in filter(str.strip, INDEXES.split(";")):
                self._db.execute(statement)
            self._rows.link()
            self._rows.derive()
            counts = self._rows.finish()
            self._db.execute("COMMIT")
            self._db.executescript(OPTIMIZE)
        return counts

    def abandon(self) -> None:
        """Close the file without completing it."""
        self._db.close()


def put_records(rows: IndexRows, records: Records, at: Starts) -> Starts:
    """Put chunks and examples in, from the given ids on; return the ids after them."""
    symbol, narrative, example = at
    for chunk in records.chunks:
        if chunk.kind == "symbol":
            rows.add_chunk(symbol, chunk)
            symbol += 1
        else:
            rows.add_chunk(narrative, chunk)
            narrative += 1
    for unit in records.units:
        rows.add_unit(example, unit)
        example += 1
    return Starts(symbol, narrative, example)
