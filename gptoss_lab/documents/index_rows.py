"""The rows of an index: put in and taken out, with the search terms and the counts that belong to them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from gptoss_lab.documents.blocks import Chunk, Place, Symbol, Unit
from gptoss_lab.documents.index_schema import LINK, OWNERS
from gptoss_lab.documents.index_terms import chunk_terms, unit_terms
from gptoss_lab.documents.tokens import terms

_SHOWN_SYMBOLS = 8


class IndexRows:
    """Changes the rows of one index that is open for writing.

    Args:
        db: The index, within a transaction.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._in_names: Counter[str] = Counter()
        self._in_texts: Counter[str] = Counter()

    def add_chunk(self, key: int, chunk: Chunk) -> None:
        """Put a chunk in under an id."""
        name, path, text = chunk_terms(chunk)
        shown = json.dumps(chunk.symbols[:_SHOWN_SYMBOLS])
        row = (chunk.kind, chunk.title, chunk.text, chunk.tokens, shown, place_json(chunk.place))
        self._db.execute(
            "INSERT INTO chunks (id, kind, title, text, tokens, symbols, place, "
            "name_terms, path_terms, text_terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, *row, name, path, text),
        )
        self._db.execute("INSERT INTO chunk_names (rowid, name, path) VALUES (?, ?, ?)", (key, name, path))
        self._db.execute("INSERT INTO chunk_texts (rowid, text) VALUES (?, ?)", (key, text))
        self._count(name, path, text, 1)
        if chunk.kind == "symbol":
            aliases = [(alias, key) for alias in chunk.symbols[1:]]
            self._db.executemany("INSERT OR IGNORE INTO chunk_aliases VALUES (?, ?)", aliases)

    def add_unit(self, key: int, unit: Unit) -> None:
        """Put an example in under an id."""
        found = unit_terms(unit)
        lists = (json.dumps(unit.imports), json.dumps(unit.symbols))
        row = (key, unit.title, unit.summary, unit.code, unit.language, *lists)
        self._db.execute(
            "INSERT INTO examples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, place_json(unit.place), unit.worth, *found),
        )
        self._db.execute(
            "INSERT INTO example_terms (rowid, name, summary, code, literal) VALUES (?, ?, ?, ?, ?)",
            (key, *found),
        )

    def remove_chunks(self, first: int, end: int) -> None:
        """Take out the chunks with ids from `first` to before `end`."""
        rows = self._db.execute(
            "SELECT id, name_terms, path_terms, text_terms FROM chunks WHERE id >= ? AND id < ?", (first, end)
        ).fetchall()
        for key, name, path, text in rows:
            self._db.execute(
                "INSERT INTO chunk_names (chunk_names, rowid, name, path) VALUES ('delete', ?, ?, ?)",
                (key, name, path),
            )
            self._db.execute(
                "INSERT INTO chunk_texts (chunk_texts, rowid, text) VALUES ('delete', ?, ?)", (key, text)
            )
            self._count(name, path, text, -1)
        self._db.execute("DELETE FROM chunk_aliases WHERE chunk >= ? AND chunk < ?", (first, end))
        self._db.execute("DELETE FROM chunks WHERE id >= ? AND id < ?", (first, end))

    def remove_units(self, first: int, end: int) -> None:
        """Take out the examples with ids from `first` to before `end`."""
        rows = self._db.execute(
            "SELECT id, name_terms, summary_terms, code_terms, literal_terms FROM examples "
            "WHERE id >= ? AND id < ?",
            (first, end),
        ).fetchall()
        self._db.executemany(
            "INSERT INTO example_terms (example_terms, rowid, name, summary, code, literal) "
            "VALUES ('delete', ?, ?, ?, ?, ?)",
            rows,
        )
        self._db.execute("DELETE FROM examples WHERE id >= ? AND id < ?", (first, end))

    def add_symbol(self, symbol: Symbol) -> None:
        """Put an object and its names in; of two that are called alike the first stays."""
        self._db.execute(
            "INSERT OR IGNORE INTO symbols VALUES (?, ?, ?, ?, NULL)",
            (symbol.qualname, symbol.kind, symbol.signature, symbol.summary),
        )
        self._db.executemany("INSERT INTO names VALUES (?, ?, ?)", _names(symbol))

    def remove_symbols(self, qualnames: Iterable[str]) -> None:
        """Take objects and their names out."""
        keys = [(name,) for name in qualnames]
        self._db.executemany("DELETE FROM symbols WHERE qualname = ?", keys)
        self._db.execute("CREATE TEMP TABLE gone (name TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", keys)
        self._db.execute("DELETE FROM names WHERE qualname IN (SELECT name FROM gone)")
        self._db.execute("DROP TABLE gone")

    def link(self, qualnames: Iterable[str] | None = None) -> None:
        """Note the chunk that tells of each object; of all objects where none is named."""
        if qualnames is None:
            self._db.execute(LINK)
        else:
            self._db.executemany(f"{LINK} WHERE qualname = ?", [(name,) for name in qualnames])

    def derive(self) -> None:
        """Write anew what follows from the names of all objects."""
        for statement in filter(str.strip, OWNERS.split(";")):
            self._db.execute(statement)
        rows = self._db.execute(
            "SELECT DISTINCT last FROM names JOIN symbols USING (qualname) "
            "WHERE kind IN ('class', 'function', 'method')"
        )
        lasts = {term for (last,) in rows.fetchall() for term in terms(last)}
        self._db.execute("DELETE FROM api_terms")
        self._db.executemany("INSERT INTO api_terms VALUES (?)", [(term,) for term in sorted(lasts)])

    def finish(self) -> dict[str, int]:
        """Write the counts of words, and return the numbers of chunks, symbols and examples."""
        changed = sorted(self._in_names.keys() | self._in_texts.keys())
        self._db.executemany(
            "INSERT INTO chunk_counts VALUES (?, ?, ?) ON CONFLICT (term) DO UPDATE "
            "SET names = names + excluded.names, texts = texts + excluded.texts",
            [(term, self._in_names[term], self._in_texts[term]) for term in changed],
        )
        self._db.execute("DELETE FROM chunk_counts WHERE names = 0 AND texts = 0")
        counts = {
            table: int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own table names
            for table in ("chunks", "symbols", "examples")
        }
        tokens = self._db.execute("SELECT coalesce(sum(tokens), 0) FROM chunks").fetchone()[0]
        stated = {**counts, "tokens": tokens}
        self._db.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in stated.items()]
        )
        return counts

    def _count(self, name: str, path: str, text: str, by: int) -> None:
        for term in {*name.split(), *path.split()}:
            self._in_names[term] += by
        for term in set(text.split()):
            self._in_texts[term] += by


def place_json(place: Place) -> str:
    """Return a place as the index keeps it."""
    return json.dumps({key: value for key, value in asdict(place).items() if value not in {"", None}})


def _names(symbol: Symbol) -> Sequence[tuple[str, str, str]]:
    return [(name, name.rpartition(".")[2], symbol.qualname) for name in (symbol.qualname, *symbol.aliases)]
