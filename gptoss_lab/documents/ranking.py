"""The order of what a search found: how much of what is asked a row holds, and how well it is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache

from gptoss_lab.documents.concepts import Concept, Weights, compounds
from gptoss_lab.documents.tokens import stem, words

CANDIDATES = 200
_MAX_FORMS = 120
_PER_TITLE = 2
_NAME_SHARE = 0.2
_LONG_LINES = 15
_CONSIDERED = 60
_VARIETY = 0.3
_NAME_BONUS = 0.15
_BEGUN_SHARE = 0.5


def query(asked: Sequence[Concept]) -> str:
    """Return the search that finds every row with any of what is asked."""
    forms = dict.fromkeys(form for concept in asked for form in concept.forms)
    return " OR ".join(f'"{form}"' for form in list(forms)[:_MAX_FORMS] if '"' not in form)


def whole_names(text: str, asked: Sequence[Concept]) -> set[str]:
    """Return the whole names of API objects that the words of a text would make."""
    return compounds(text) | {concept.forms[0] for concept in asked if not concept.soft}


def _named(title: str, made: set[str]) -> float:
    """Return 1 for an object that the task names, less where its name only begins so."""
    last = title.rpartition(".")[2]
    if stem(last.lower()) in made:
        return 1.0
    parts = _words(last)[1:]
    return _BEGUN_SHARE if any("".join(parts[:size]) in made for size in range(2, len(parts))) else 0.0


def _is_compound(title: str) -> bool:
    return len(_words(title.rpartition(".")[2])) > 1


@lru_cache(maxsize=16_384)
def _words(name: str) -> tuple[str, ...]:
    return tuple(words(name))


def chunk_score(row: sqlite3.Row, weights: Weights, made: set[str], position: float) -> float:
    """Return the share, 0 to 1, of what is asked that a chunk holds; `position` is its rank in search."""
    name = (1.0, weights.held(row["name_terms"]))
    fields = (name, (0.9, weights.held(row["path_terms"])), (0.8, weights.held(row["text_terms"])))
    score = (1 - _NAME_SHARE) * weights.coverage(fields) + _NAME_SHARE * weights.coverage((name,))
    if score:
        score += _NAME_BONUS * _named(row["title"], made)
    return min(1.0, score * (1 - 0.1 * position / CANDIDATES))


def _fields(row: sqlite3.Row, weights: Weights) -> list[tuple[float, set[str]]]:
    worth = {"name_terms": 1.0, "code_terms": 1.0, "summary_terms": 0.8, "literal_terms": 0.5}
    return [(value, weights.held(row[column])) for column, value in worth.items()]


def example_score(row: sqlite3.Row, weights: Weights, made: set[str], position: int) -> float:
    """Return the share, 0 to 1, of what is asked that an example shows; `position` as for a chunk."""
    name, code, summary, literal = _fields(row, weights)
    parts = weights.parts((name, code, summary, literal))
    score = (1 - _NAME_SHARE) * weights.gain(parts, [0.0] * len(parts))
    score += _NAME_SHARE * weights.coverage((name, summary))
    named = _named(row["title"], made)
    # A name of several words is no chance; one that is an ordinary word may be.
    if named < 1 or not _is_compound(row["title"]):
        score *= weights.trust(parts, weights.parts((name, code, summary)))
    length = 1 - min(0.2, max(0, row["code"].count("\n") - _LONG_LINES) / 150)
    if score:
        score += _NAME_BONUS * named
    return min(1.0, float(score * length * row["worth"] * (1 - 0.1 * position / CANDIDATES)))


def varied(
    scored: Sequence[tuple[float, int, sqlite3.Row]], weights: Weights, limit: int
) -> Iterator[tuple[float, sqlite3.Row]]:
    """Yield the best first, then what adds most: no code twice, at most two of one object."""
    left = [(score, row, weights.parts(_fields(row, weights))) for score, _, row in scored[:_CONSIDERED]]
    seen: dict[str, int] = {}
    covered = [0.0] * len(weights.values)
    while left and limit:
        gains = [score + _VARIETY * weights.gain(parts, covered) for score, _, parts in left]
        score, row, parts = left.pop(gains.index(max(gains)))
        if row["code"] in seen or seen.get(row["title"], 0) >= _PER_TITLE:
            continue
        seen[row["code"]] = 1
        seen[row["title"]] = seen.get(row["title"], 0) + 1
        covered = [max(pair) for pair in zip(covered, parts, strict=True)]
        yield score, row
        limit -= 1
