"""Reads an index: exact names first, then search, scored by how much of the question is covered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gptoss_lab.documents.call_parts import parameters_of, returns_of
from gptoss_lab.documents.chunk_search import ChunkSearch
from gptoss_lab.documents.concepts import Weights, concepts
from gptoss_lab.documents.connections import CONNECTIONS
from gptoss_lab.documents.folders import KnownFile
from gptoss_lab.documents.imports import ALIASES
from gptoss_lab.documents.lookup import Asked, Lookup, Match
from gptoss_lab.documents.ranking import CANDIDATES, example_score, query, varied, whole_names
from gptoss_lab.documents.scope import package_of
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import ApiSymbol, Citation, Example, Passage

_MAX_BARE_MATCHES = 5
_MAX_CHUNKS = 2

Indexes = Sequence[tuple[str, Path]]


class IndexReader:
    """One index, open for reading. Use it in one thread at a time.

    Args:
        db: The index.
        corpus: Its id.
    """

    def __init__(self, db: sqlite3.Connection, corpus: str) -> None:
        self.corpus = corpus
        self._db = db

    def meta(self) -> dict[str, str]:
        """Return what the index says about itself."""
        return {row["key"]: row["value"] for row in self._db.execute("SELECT key, value FROM meta")}

    def files(self) -> dict[str, KnownFile]:
        """Return every file in it by its path, as it was when it was read."""
        rows = self._db.execute("SELECT path, sha256, size, mtime_ns, ctime_ns, media FROM files")
        return {path: KnownFile(*state) for path, *state in rows}

    def symbols(self, names: Iterable[str]) -> list[ApiSymbol]:
        """Return the symbols behind names as code writes them; a bare name may mean several."""
        found: dict[str, ApiSymbol] = {}
        for name in names:
            for qualname in self._resolve(name):
                row = self._db.execute("SELECT * FROM symbols WHERE qualname = ?", (qualname,)).fetchone()
                if row is not None:
                    found.setdefault(qualname, self._api_symbol(row))
        return list(found.values())

    def search(self, text: str, kind: str, limit: int, scope: Collection[str] = ()) -> list[Passage]:
        """Return the chunks of a kind that cover most of the text; those of `scope` before others."""
        found = ChunkSearch(self._db).best(text, kind, limit, scope)
        return [self._passage(row, score) for score, row in found]

    def matches(self, name: str, asked: Asked) -> list[Match]:
        """Return the objects that a name may mean, the likeliest first."""
        return Lookup(self._db).matches(name, asked)

    def nearest(self, name: str, asked: Asked) -> list[Match]:
        """Return the objects with the names most like one that is not documented."""
        return Lookup(self._db).nearest(name, asked)

    def passages_of(self, qualname: str, score: float) -> list[Passage]:
        """Return the chunks of an object, of which a second page may tell too."""
        rows = self._db.execute(
            "SELECT * FROM chunks WHERE id = (SELECT chunk FROM symbols WHERE qualname = ?1) "
            "OR (title = ?1 AND kind = 'symbol') ORDER BY id LIMIT ?2",
            (qualname, _MAX_CHUNKS),
        )
        return [self._passage(row, score) for row in rows]

    def text_of(self, qualname: str) -> str:
        """Return all that is told of an object: its details, and the page that is called like it."""
        rows = self._db.execute(
            "SELECT text FROM chunks WHERE title IN (?1, ?1 || ' (details)') ORDER BY id", (qualname,)
        )
        return "\n\n".join(row["text"] for row in rows)

    def tokens(self) -> int:
        """Return how many tokens all chunks have."""
        return int(self.meta().get("tokens", "0"))

    def packages(self) -> frozenset[str]:
        """Return the packages whose objects are documented."""
        return frozenset(package_of(row["name"]) for row in self._db.execute("SELECT name FROM packages"))

    def main_package(self) -> str:
        """Return the package that most documented objects belong to; empty where there are none."""
        row = self._db.execute(
            "SELECT substr(owner, 1, instr(owner || '.', '.') - 1) AS package FROM owners "
            "GROUP BY package ORDER BY sum(members) DESC, package LIMIT 1"
        ).fetchone()
        return str(row["package"]) if row else ""

    def owners(self, limit: int) -> list[str]:
        """Return the public modules and classes with the most members, first those with most."""
        rows = self._db.execute(
            "SELECT owner FROM owners WHERE instr('.' || owner, '._') = 0 "
            "ORDER BY members DESC, owner LIMIT ?",
            (limit,),
        )
        return [row["owner"] for row in rows]

    def whole(self) -> list[Passage]:
        """Return every chunk, in order."""
        return [self._passage(row, 0.0) for row in self._db.execute("SELECT * FROM chunks ORDER BY id")]

    def examples(self, task: str, limit: int, language: Language = "python") -> list[Example]:
        """Return the runnable examples that cover most of the task, best first.

        The score is the share of the task, 0 to 1, that the example's names, summary and code hold.
        """
        asked = concepts(task)
        if not asked or limit <= 0:
            return []
        weights = Weights.of(
            asked, int(self.meta().get("examples", "0")), self._frequency("example_counts"), self._is_api
        )
        rows = self._db.execute(
            "SELECT e.*, bm25(example_terms, 10, 3, 3, 1) AS rank FROM example_terms "
            "JOIN examples e ON e.id = example_terms.rowid "
            "WHERE example_terms MATCH ? AND e.language = ? ORDER BY rank LIMIT ?",
            (query(asked), language, CANDIDATES),
        ).fetchall()
        made = whole_names(task, asked)
        scored = [
            (example_score(row, weights, made, position), position, row) for position, row in enumerate(rows)
        ]
        scored.sort(key=lambda item: (-item[0], item[1]))
        return [self._example(row, score) for score, row in varied(scored, weights, limit)]

    def _resolve(self, name: str) -> list[str]:
        """Return the public names that a name as written may mean, best first."""
        name = name.strip().rstrip("()")
        first, dot, rest = name.partition(".")
        for candidate in dict.fromkeys((name, f"{ALIASES.get(first, first)}{dot}{rest}")):
            rows = self._db.execute(
                "SELECT DISTINCT qualname FROM names WHERE name = ? ORDER BY qualname", (candidate,)
            ).fetchall()
            if rows:
                return [row["qualname"] for row in rows]
        tail = name.rpartition(".")[2]
        rows = self._db.execute("SELECT name, qualname FROM names WHERE last = ?", (tail,)).fetchall()
        suffix = f".{name}"
        matches = [row for row in rows if row["name"].endswith(suffix)]
        matches.sort(key=lambda row: (row["name"].count("."), len(row["name"]), row["name"], row["qualname"]))
        return list(dict.fromkeys(row["qualname"] for row in matches))[:_MAX_BARE_MATCHES]

    def _frequency(self, table: str) -> Callable[[str], int]:
        def frequency(form: str) -> int:
            row = self._db.execute(f"SELECT doc FROM {table} WHERE term = ?", (form,)).fetchone()  # noqa: S608 - as above
            return int(row[0]) if row else 0

        return frequency

    def _is_api(self, form: str) -> bool:
        return self._db.execute("SELECT 1 FROM api_terms WHERE term = ?", (form,)).fetchone() is not None

    def _api_symbol(self, row: sqlite3.Row) -> ApiSymbol:
        return ApiSymbol(
            qualname=row["qualname"],
            kind=row["kind"],
            signature=row["signature"],
            parameters=parameters_of(row["signature"]),
            returns=returns_of(row["signature"]),
            summary=row["summary"],
            version=self.meta().get("version", ""),
        )

    def _passage(self, row: sqlite3.Row, score: float) -> Passage:
        citation, span = _placed(row["place"], row["title"])
        return Passage(
            id=f"{self.corpus}:c{row['id']}",
            kind=row["kind"],
            title=row["title"],
            text=row["text"],
            tokens=row["tokens"],
            symbols=tuple(json.loads(row["symbols"])),
            citation=citation,
            span=span,
            score=round(score, 4),
        )

    def _example(self, row: sqlite3.Row, score: float) -> Example:
        return Example(
            id=f"{self.corpus}:e{row['id']}",
            title=row["title"],
            summary=row["summary"],
            code=row["code"],
            language=row["language"],
            imports=tuple(json.loads(row["imports"])),
            symbols=tuple(json.loads(row["symbols"])),
            citation=_placed(row["place"], row["title"])[0],
            score=round(score, 4),
        )


def _placed(place: str, title: str) -> tuple[Citation, tuple[int, int] | None]:
    """Return where something stands, and which blocks of its page it is made of."""
    values: dict[str, Any] = json.loads(place)
    values.setdefault("title", title)
    span = values.pop("span", None)
    return Citation.model_validate(values), (span[0], span[1]) if span else None


@contextmanager
def open_index(path: Path, corpus: str) -> Iterator[IndexReader]:
    """Open an index.

    Raises:
        DocumentError: The file is missing or is not an index.
    """
    try:
        with CONNECTIONS.to(path) as db:
            yield IndexReader(db, corpus)
    except (sqlite3.DatabaseError, ValueError, KeyError) as error:
        raise DocumentError(
            f"The index {path.name} cannot be read: {error}", hint="Index the source again with refresh."
        ) from error
