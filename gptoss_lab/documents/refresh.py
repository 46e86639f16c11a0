"""Takes changed pages into a copy of an index, whose other pages stay as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.documents.blocks import FIRST_NARRATIVE, Page, Records, Symbol
from gptoss_lab.documents.copies import copy_file
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.index_rows import IndexRows
from gptoss_lab.documents.index_writer import put_records, storage_errors
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.documents.page_rows import KeptPage, PageRow, asking, outside_of, page_of, put_outside
from gptoss_lab.documents.placing import Placed, Starts, place

FIRST = Starts(1, FIRST_NARRATIVE, 1)
# With more pages to write than this share, a new index is as quick and smaller.
MAX_SHARE = 0.5

Recorded = Callable[[FileToRead, Page, NameTable], Records]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new of a source, against an index of it.

    Attributes:
        files: All its files that could be read, in order.
        read: What was read anew, by path.
        outside: The objects that its inventory names.
        kept: The pages of the index, in order.
    """

    files: Sequence[FileToRead]
    read: Mapping[str, Page]
    outside: Sequence[Symbol]
    kept: Mapping[str, KeptPage]

    def told(self, path: str) -> Sequence[Symbol]:
        """Return the objects that a page tells of now."""
        return self.read[path].symbols if path in self.read else self.kept[path].symbols


@dataclass(frozen=True, slots=True)
class _Rewritten:
    row: PageRow
    records: Records


class Refresh:
    """One refresh of an index: planned first, then written into a copy.

    Args:
        db: The index that is refreshed, open for reading.
        changes: What is new.
        recorded: Returns the records of a page.
    """

    def __init__(self, db: sqlite3.Connection, changes: Changes, recorded: Recorded) -> None:
        self._db, self._changes, self._recorded = db, changes, recorded
        self._before = _merged(outside_of(db), [(path, page.symbols) for path, page in changes.kept.items()])
        told = [(file.path, changes.told(file.path)) for file in changes.files]
        self._now = _merged(changes.outside, told)
        self._names = NameTable([symbol for symbol, _ in self._now.values()])
        self._rewritten: dict[str, _Rewritten] = {}
        self._starts: dict[str, Starts] = {}

    def plan(self) -> bool:
        """Say whether the index can be refreshed; otherwise it has to be written anew."""
        if bool(self._before) != bool(self._now):
            return False
        files = self._touched_files()
        if len(files) > MAX_SHARE * len(self._changes.files):
            return False
        for file in files:
            page = self._changes.read.get(file.path) or page_of(self._db, file.path)
            if page is None:
                return False
            self._names.asked = set()
            records = self._recorded(file, page, self._names)
            self._rewritten[file.path] = _Rewritten(PageRow(file, page, self._names.asked), records)
        found = place(self._order(), FIRST, self._end)
        self._starts = found or {}
        return found is not None

    def write(self, previous: Path, output: Path, meta: Mapping[str, str]) -> dict[str, int]:
        """Write the refreshed index and return its numbers of chunks, symbols and examples.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(output):
            copy_file(previous, output)
            with closing(sqlite3.connect(output, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode = OFF")
                db.execute("PRAGMA synchronous = OFF")
                db.execute("BEGIN")
                counts = self._write(db, meta)
                db.execute("COMMIT")
        return counts

    def _touched_files(self) -> list[FileToRead]:
        """Return the files that were read anew, and those whose examples depend on what is new in them."""
        before = NameTable([symbol for symbol, _ in self._before.values()])
        differing = before.differing(self._names)
        also = asking(self._db, differing) if differing else set[str]()
        return [file for file in self._changes.files if file.path in self._changes.read or file.path in also]

    def _order(self) -> list[Placed]:
        kept, found = self._changes.kept, list[Placed]()
        for file in self._changes.files:
            rewritten = self._rewritten.get(file.path)
            counts = _counts(rewritten.records) if rewritten else None
            found.append(Placed(file.path, kept[file.path].at if file.path in kept else None, counts))
        return found

    def _end(self, at: Starts, limit: Starts | None) -> Starts:
        """Return the ids after the last ones of a page that stays as it is."""
        ends = limit or Starts(FIRST_NARRATIVE, 1 << 62, 1 << 62)
        found = list[int]()
        for table, one, two in zip(("chunks", "chunks", "examples"), at, ends, strict=True):
            query = f"SELECT coalesce(max(id) + 1, ?) FROM {table} WHERE id >= ? AND id < ?"  # noqa: S608 - our own table names
            found.append(self._db.execute(query, (one, one, two)).fetchone()[0])
        return Starts(*found)

    def _write(self, db: sqlite3.Connection, meta: Mapping[str, str]) -> dict[str, int]:
        rows, changes = IndexRows(db), self._changes
        held = {file.path for file in changes.files}
        paths, starts = list(changes.kept), [page.at for page in changes.kept.values()]
        ends = [*starts[1:], Starts(FIRST_NARRATIVE, 1 << 62, 1 << 62)]
        for path, at, end in zip(paths, starts, ends, strict=True):
            if path not in held or path in self._rewritten:
                rows.remove_chunks(at.symbol, end.symbol)
                rows.remove_chunks(at.narrative, end.narrative)
                rows.remove_units(at.example, end.example)
                db.execute("DELETE FROM files WHERE path = ?", (path,))
        for path, page in self._rewritten.items():
            put_records(rows, page.records, self._starts[path])
            page.row.put(db, self._starts[path])
        self._write_symbols(rows, held)
        put_outside(db, changes.outside)
        db.executemany(
            "UPDATE files SET size = ?, mtime_ns = ?, ctime_ns = ? WHERE path = ?",
            [(file.size, file.mtime_ns, file.ctime_ns, file.path) for file in changes.files],
        )
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
        return rows.finish()

    def _write_symbols(self, rows: IndexRows, held: set[str]) -> None:
        """Put in anew the objects of pages that were read anew or went, and what the inventory changed."""
        moved = {name for name in self._before.keys() | self._now.keys() if self._differs(name)}
        kept, read = self._changes.kept, self._changes.read
        of_pages = [page.symbols for path, page in kept.items() if path not in held or path in read]
        of_pages += [page.symbols for page in read.values()]
        moved |= {symbol.qualname for symbols in of_pages for symbol in symbols}
        rows.remove_symbols(moved)
        for name in [name for name in self._now if name in moved]:
            rows.add_symbol(self._full(name))
        aliases = {alias for symbols in of_pages for symbol in symbols for alias in symbol.aliases}
        rows.link(moved | aliases)
        if any(self._differs(name) for name in moved):
            rows.derive()

    def _differs(self, name: str) -> bool:
        one, two = self._before.get(name), self._now.get(name)
        if one is None or two is None:
            return True
        return (one[0].kind, one[0].aliases) != (two[0].kind, two[0].aliases)

    def _full(self, name: str) -> Symbol:
        """Return an object with all that the page says which tells of it last."""
        symbol, path = self._now[name]
        page = self._changes.read.get(path) or (page_of(self._db, path) if path else None)
        found = [entry for entry in page.symbols if entry.qualname == name] if page else []
        return found[-1] if found else symbol


def changed_files(files: Sequence[FileToRead], kept: Mapping[str, KeptPage]) -> list[FileToRead]:
    """Return the files that an index does not have as they are now."""
    found = [(file, kept.get(file.path)) for file in files]
    return [
        file for file, page in found if page is None or (page.sha256, page.link) != (file.sha256, file.link)
    ]


def _merged(
    outside: Sequence[Symbol], told: Sequence[tuple[str, Sequence[Symbol]]]
) -> dict[str, tuple[Symbol, str]]:
    """Return each object with the page that tells of it last; an empty path is the inventory's."""
    found = {symbol.qualname: (symbol, "") for symbol in outside}
    for path, symbols in told:
        found.update({symbol.qualname: (symbol, path) for symbol in symbols})
    return found


def _counts(records: Records) -> Starts:
    symbols = sum(chunk.kind == "symbol" for chunk in records.chunks)
    return Starts(symbols, len(records.chunks) - symbols, len(records.units))
