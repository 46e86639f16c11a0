"""What an index keeps of each page, so that one that did not change need not be read again."""

from __future__ import annotations

import json
import sqlite3
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gptoss_lab.documents.blocks import Page, Symbol
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.documents.pages import page_from_json, page_to_json
from gptoss_lab.documents.placing import Starts

_LEVEL = 3


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page with what it gave.

    Attributes:
        file: The file that it was read from.
        page: What the parser found.
        asked: The names that its examples asked for, by which they depend on other pages.
    """

    file: FileToRead
    page: Page
    asked: Collection[str] = ()

    def put(self, db: sqlite3.Connection, at: Starts) -> None:
        """Write the row."""
        db.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.file.path,
                self.file.sha256,
                self.file.size,
                self.file.mtime_ns,
                self.file.ctime_ns,
                self.file.media,
                self.file.link,
                *at,
                _packed(self.page.symbols),
                array("I", sorted(map(key_of, self.asked))).tobytes(),
                json.dumps(list(self.page.warnings)) if self.page.warnings else "",
                zlib.compress(page_to_json(self.page), _LEVEL),
            ),
        )


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What an index says of a page, without what it gave."""

    path: str
    sha256: str
    link: str
    at: Starts
    symbols: Sequence[Symbol] = field(repr=False)
    warnings: tuple[str, ...] = ()


def kept_pages(db: sqlite3.Connection) -> dict[str, KeptPage]:
    """Return the pages of an index by their path, in their order."""
    rows = db.execute(
        "SELECT path, sha256, link, symbol_at, narrative_at, example_at, kinds, warnings "
        "FROM files ORDER BY symbol_at"
    )
    return {
        path: KeptPage(
            path, sha256, link, Starts(*at), _unpacked(kinds), tuple(json.loads(warnings)) if warnings else ()
        )
        for path, sha256, link, *at, kinds, warnings in rows
    }


def asking(db: sqlite3.Connection, names: Iterable[str]) -> set[str]:
    """Return the paths of the pages whose examples asked for any of these names."""
    wanted = set(map(key_of, names))
    return {
        path
        for path, asked in db.execute("SELECT path, asked FROM files")
        if not wanted.isdisjoint(array("I", asked))
    }


def page_of(db: sqlite3.Connection, path: str) -> Page | None:
    """Return what a page gave; None where nothing is kept of it."""
    row = db.execute("SELECT payload FROM files WHERE path = ?", (path,)).fetchone()
    return page_from_json(zlib.decompress(row[0])) if row else None


def put_outside(db: sqlite3.Connection, symbols: Sequence[Symbol]) -> None:
    """Keep what the inventory names."""
    db.execute("DELETE FROM outside")
    db.execute("INSERT INTO outside VALUES (?)", (_packed(symbols),))


def outside_of(db: sqlite3.Connection) -> list[Symbol]:
    """Return what the inventory named."""
    return [symbol for (kinds,) in db.execute("SELECT kinds FROM outside") for symbol in _unpacked(kinds)]


def key_of(name: str) -> int:
    """Return the short form of a name; two that share one cost work, and no more."""
    return zlib.crc32(name.encode())


def _packed(symbols: Sequence[Symbol]) -> bytes:
    """Return the names and kinds of objects: what the examples of other pages depend on."""
    if not symbols:
        return b""
    light = [(symbol.qualname, symbol.kind, symbol.aliases) for symbol in symbols]
    return zlib.compress(json.dumps(light, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def _unpacked(kinds: bytes) -> list[Symbol]:
    return list(_symbols(kinds)) if kinds else []


def _symbols(kinds: bytes) -> Iterator[Symbol]:
    for qualname, kind, aliases in json.loads(zlib.decompress(kinds)):
        yield Symbol(qualname, kind, aliases=tuple(aliases))
