"""Writes an index: one SQLite file per source, complete or not at all."""

from __future__ import annotations

import errno
import io
import json
import sqlite3
import tokenize
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from gptoss_lab.documents.blocks import FIRST_NARRATIVE, Chunk, ChunkKind, Place, Records, Symbol, Unit
from gptoss_lab.documents.r_words import r_words
from gptoss_lab.documents.tokens import joined, terms
from gptoss_lab.errors import DocumentError, StorageError

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
  tokens INTEGER NOT NULL, symbols TEXT NOT NULL, place TEXT NOT NULL,
  name_terms TEXT NOT NULL, path_terms TEXT NOT NULL, text_terms TEXT NOT NULL);
CREATE VIRTUAL TABLE chunk_names USING fts5(
  name, path, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_'");
CREATE VIRTUAL TABLE chunk_texts USING fts5(
  text, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_'");
CREATE VIRTUAL TABLE temp.name_counts USING fts5vocab('main', 'chunk_names', 'row');
CREATE VIRTUAL TABLE temp.text_counts USING fts5vocab('main', 'chunk_texts', 'row');
CREATE TABLE chunk_counts (
  term TEXT PRIMARY KEY, names INTEGER NOT NULL, texts INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE owners (
  owner TEXT PRIMARY KEY, members INTEGER NOT NULL, is_class INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE symbols (
  qualname TEXT PRIMARY KEY, kind TEXT NOT NULL, signature TEXT NOT NULL, summary TEXT NOT NULL,
  chunk INTEGER);
CREATE TABLE names (name TEXT NOT NULL, last TEXT NOT NULL, qualname TEXT NOT NULL);
CREATE TABLE examples (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, summary TEXT NOT NULL, code TEXT NOT NULL,
  language TEXT NOT NULL, imports TEXT NOT NULL, symbols TEXT NOT NULL, place TEXT NOT NULL,
  worth REAL NOT NULL,
  name_terms TEXT NOT NULL, summary_terms TEXT NOT NULL,
  code_terms TEXT NOT NULL, literal_terms TEXT NOT NULL);
CREATE TABLE api_terms (term TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE example_terms USING fts5(
  name, summary, code, literal, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_'");
CREATE VIRTUAL TABLE example_counts USING fts5vocab('example_terms', 'row');
CREATE TABLE files (
  path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  payload BLOB);
"""
_INDEXES = """
CREATE INDEX names_name ON names (name);
CREATE INDEX names_last ON names (last);
CREATE INDEX chunks_title ON chunks (title) WHERE kind = 'symbol';
INSERT INTO chunk_names(chunk_names) VALUES ('optimize');
INSERT INTO chunk_texts(chunk_texts) VALUES ('optimize');
INSERT INTO chunk_counts SELECT term, doc, 0 FROM temp.name_counts;
INSERT INTO chunk_counts SELECT term, 0, doc FROM temp.text_counts WHERE true
  ON CONFLICT (term) DO UPDATE SET texts = excluded.texts;
INSERT INTO owners
  SELECT substr(n.name, 1, length(n.name) - length(n.last) - 1) AS owner,
    count(*), max(s.kind = 'method') FROM names n JOIN symbols s USING (qualname)
  WHERE instr(n.name, '.') GROUP BY owner;
CREATE TABLE packages AS SELECT DISTINCT substr(owner, 1, instr(owner || '.', '.') - 1) AS name FROM owners;
INSERT INTO example_terms(example_terms) VALUES ('optimize');
"""


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
        self._chunk_of: dict[str, int] = {}
        self._chunk_with: dict[str, int] = {}
        self._next: dict[ChunkKind, int] = {"symbol": 1, "narrative": FIRST_NARRATIVE}
        with storage_errors(path):
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN")

    def write(self, records: Records) -> None:
        """Add everything of the records.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path):
            for chunk in records.chunks:
                self._chunk(chunk)
            for unit in records.units:
                self._unit(unit)
            for symbol in records.symbols:
                self._symbol(symbol)

    def remember_file(self, path: str, sha256: str, state: tuple[int, int], payload: bytes) -> None:
        """Keep what a file gave, so that it need not be parsed again while its content stays.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path):
            row = (path, sha256, *state, zlib.compress(payload, 3))
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", row)

    def finish(self, meta: Mapping[str, str]) -> dict[str, int]:
        """Complete the file and return the number of chunks, symbols and examples.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        with storage_errors(self._path), closing(self._db):
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
            counts = {
                table: int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own table names
                for table in ("chunks", "symbols", "examples")
            }
            tokens = self._db.execute("SELECT coalesce(sum(tokens), 0) FROM chunks").fetchone()[0]
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('tokens', ?)", (str(tokens),))
            self._db.execute("COMMIT")
            self._db.executescript(_INDEXES)
        return counts

    def abandon(self) -> None:
        """Close the file without completing it."""
        self._db.close()

    def _chunk(self, chunk: Chunk) -> None:
        name, path, text = _chunk_terms(chunk)
        row = (
            chunk.kind,
            chunk.title,
            chunk.text,
            chunk.tokens,
            json.dumps(chunk.symbols[:8]),
            _json(chunk.place),
        )
        key = self._next[chunk.kind]
        self._next[chunk.kind] += 1
        self._db.execute(
            "INSERT INTO chunks (id, kind, title, text, tokens, symbols, place, "
            "name_terms, path_terms, text_terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, *row, name, path, text),
        )
        self._db.execute("INSERT INTO chunk_names (rowid, name, path) VALUES (?, ?, ?)", (key, name, path))
        self._db.execute("INSERT INTO chunk_texts (rowid, text) VALUES (?, ?)", (key, text))
        if chunk.kind == "symbol" and chunk.symbols:
            self._chunk_of.setdefault(chunk.symbols[0], key)
            for name in chunk.symbols[1:]:
                self._chunk_with.setdefault(name, key)

    def _unit(self, unit: Unit) -> None:
        found = _unit_terms(unit)
        lists = (json.dumps(unit.imports), json.dumps(unit.symbols))
        row = (unit.title, unit.summary, unit.code, unit.language, *lists)
        cursor = self._db.execute(
            "INSERT INTO examples (title, summary, code, language, imports, symbols, place, worth, "
            "name_terms, summary_terms, code_terms, literal_terms) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, _json(unit.place), unit.worth, *found),
        )
        self._db.execute(
            "INSERT INTO example_terms (rowid, name, summary, code, literal) VALUES (?, ?, ?, ?, ?)",
            (cursor.lastrowid, *found),
        )

    def _symbol(self, symbol: Symbol) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO symbols VALUES (?, ?, ?, ?, ?)",
            (
                symbol.qualname,
                symbol.kind,
                symbol.signature,
                symbol.summary,
                self._chunk_of.get(symbol.qualname, self._chunk_with.get(symbol.qualname)),
            ),
        )
        rows = [
            (name, name.rpartition(".")[2], symbol.qualname) for name in (symbol.qualname, *symbol.aliases)
        ]
        self._db.executemany("INSERT INTO names VALUES (?, ?, ?)", rows)
        if symbol.kind in {"class", "function", "method"}:
            lasts = {term for _, last, _ in rows for term in terms(last)}
            self._db.executemany("INSERT OR IGNORE INTO api_terms VALUES (?)", [(term,) for term in lasts])


def _chunk_terms(chunk: Chunk) -> tuple[str, str, str]:
    if chunk.kind == "symbol":
        owner, _, last = chunk.title.rpartition(".")
        name, path = f"{owner.rpartition('.')[2]} {last}", chunk.title
    else:
        name, path = chunk.title, chunk.place.source
    return joined(name), joined(path), joined(chunk.text)


def _unit_terms(unit: Unit) -> tuple[str, str, str, str]:
    title = unit.place.symbol or unit.title
    short = " ".join(title.split(".")[-2:]) if unit.place.symbol else title
    names: Sequence[str] = [symbol.rpartition(".")[2] for symbol in unit.symbols]
    identifiers, literals = r_words(unit.code) if unit.language == "r" else _code_words(unit.code)
    lead, _, rest = unit.context.partition("\n\n")
    summary = joined(f"{unit.summary} {lead}")
    return (
        joined(short),
        summary,
        joined(" ".join((*identifiers, *names))),
        joined(" ".join((*literals, rest))),
    )


def _code_words(code: str) -> tuple[list[str], list[str]]:
    """Return the identifiers of code, and the words of its strings and comments."""
    identifiers: list[str] = []
    literals: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NAME:
            identifiers.append(token.string)
        elif token.type in {tokenize.STRING, tokenize.COMMENT}:
            literals.append(token.string)
    return identifiers, literals


def _json(place: Place) -> str:
    return json.dumps({key: value for key, value in asdict(place).items() if value not in {"", None}})
