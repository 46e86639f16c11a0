"""Search for chunks: by rare words first, within a bounded amount of work, then by how much is covered."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from gptoss_lab.documents.blocks import FIRST_NARRATIVE
from gptoss_lab.documents.concepts import Concept, Weights, concepts
from gptoss_lab.documents.ranking import CANDIDATES, chunk_score, whole_names
from gptoss_lab.documents.scope import package_of

# How many rows that hold a word may be looked at: common words are in half of them all.
MAX_POSTINGS = 3000
_CANDIDATES_EACH = 60
_SCOPE_BONUS = 0.1
_WEIGHED = "id, kind, title, name_terms, path_terms, text_terms"

Scored = tuple[float, sqlite3.Row]


class ChunkSearch:
    """Finds the chunks that cover most of a text.

    Args:
        db: The index.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def best(self, text: str, kind: str, limit: int, scope: Collection[str] = ()) -> list[Scored]:
        """Return the chunks of a kind that cover most of the text, best first, with the share covered.

        Args:
            text: What is asked, in words.
            kind: `symbol` or `narrative`.
            limit: The most to return.
            scope: The packages whose objects come first.
        """
        asked = concepts(text)
        if not asked or limit <= 0:
            return []
        counts = {form: self._counts(form) for concept in asked for form in concept.forms}
        weights = Weights.of(
            _held(asked, counts), self._count(), lambda form: max(counts[form]), self._is_api
        )
        names = self._ids("chunk_names", "10, 3", _rare(counts, 0), kind)
        texts = self._ids("chunk_texts", "1", _rare(counts, 1), kind)
        ordered = [key for key in chain(*zip_longest(names, texts)) if key is not None]
        rows = self._rows(list(dict.fromkeys(ordered)))
        made, step = whole_names(text, asked), CANDIDATES / (2 * _CANDIDATES_EACH)
        scored = [
            (_within(chunk_score(row, weights, made, at * step), row, scope), at, row)
            for at, row in enumerate(rows)
        ]
        scored.sort(key=lambda item: (-item[0], item[1]))
        best = {row["id"]: min(1.0, score) for score, _, row in scored[:limit]}
        return [(best[row["id"]], row) for row in self._rows(list(best), "*")]

    def _count(self) -> int:
        row = self._db.execute("SELECT value FROM meta WHERE key = 'chunks'").fetchone()
        return int(row[0]) if row else 0

    def _counts(self, form: str) -> tuple[int, int]:
        row = self._db.execute("SELECT names, texts FROM chunk_counts WHERE term = ?", (form,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def _is_api(self, form: str) -> bool:
        return self._db.execute("SELECT 1 FROM api_terms WHERE term = ?", (form,)).fetchone() is not None

    def _ids(self, table: str, weights: str, forms: Sequence[str], kind: str) -> list[int]:
        if not forms:
            return []
        query = " OR ".join(f'"{form}"' for form in forms)
        side = "<" if kind == "symbol" else ">="
        found = self._db.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid {side} ? "  # noqa: S608 - our own table names
            f"ORDER BY bm25({table}, {weights}) LIMIT ?",
            (query, FIRST_NARRATIVE, _CANDIDATES_EACH),
        )
        return [row[0] for row in found]

    def _rows(self, ids: Sequence[int], columns: str = _WEIGHED) -> list[sqlite3.Row]:
        marks = ",".join("?" * len(ids))
        found = {
            row["id"]: row
            for row in self._db.execute(f"SELECT {columns} FROM chunks WHERE id IN ({marks})", list(ids))  # noqa: S608 - marks and our own columns
        }
        return [found[key] for key in ids]


def _held(asked: Sequence[Concept], counts: Mapping[str, tuple[int, int]]) -> list[Concept]:
    """Leave out the words of like meaning that the index does not hold: they cost time and find nothing."""
    return [
        replace(concept, forms=(concept.forms[0], *(form for form in concept.forms[1:] if any(counts[form]))))
        for concept in asked
    ]


def _rare(counts: Mapping[str, tuple[int, int]], column: int) -> list[str]:
    """Return the rarest forms that the index holds, as many as the work for them allows."""
    held = sorted(
        (count[column], form) for form, count in counts.items() if count[column] and '"' not in form
    )
    spent, chosen = 0, list[str]()
    for count, form in held:
        spent += count
        if chosen and spent > MAX_POSTINGS:
            break
        chosen.append(form)
    return chosen


def _within(score: float, row: sqlite3.Row, scope: Collection[str]) -> float:
    inside = score and row["kind"] == "symbol" and package_of(row["title"]) in scope
    return score + _SCOPE_BONUS if inside else score
