"""Which examples fit a task: the best one, and those that cover what it leaves open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gptoss_lab.documents.concepts import Concept, concepts
from gptoss_lab.documents.tokens import stem, terms, words
from gptoss_lab.schemas.documents import Example

MAX_EXAMPLES = 3
MIN_SCORE = 0.35
# What an example adds must be in its name, so that its share of the whole task may be small.
MIN_ADDED_SCORE = 0.1
_SILENT_MALUS = 0.15
_MIN_PREFIX = 4

# Any example has tables and rows: that it does says nothing of what it is about.
_EVERYWHERE = frozenset(
    map(stem, ("table", "row", "column", "key", "cell", "field", "frame", "dataframe", "array", "report"))
)

Asked = tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one example fits. `number` is its place among the candidates; `named` is in its names."""

    number: int
    example: Example
    covered: frozenset[Concept]
    named: frozenset[Concept]
    score: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The examples to show, others that would do, and the task's words that none shown covers."""

    chosen: tuple[Fit, ...]
    spare: tuple[Fit, ...]
    missing: tuple[str, ...]


def select(task: str, examples: Sequence[Example]) -> Selection:
    """Pick up to three examples that together cover the task; none where nothing fits."""
    asked = _asked(task, examples)
    fits = [_fit(number, example, asked) for number, example in enumerate(examples)]
    able = sorted((fit for fit in fits if _is_able(fit, asked)), key=lambda fit: (-fit.score, fit.number))
    chosen = _cover(able[0], fits) if able else []
    covered = frozenset().union(*(fit.covered for fit in chosen))
    spare = tuple(fit for fit in able if fit not in chosen)
    return Selection(tuple(chosen), spare, _missing(task, asked, covered))


def _is_able(fit: Fit, asked: Asked) -> bool:
    return fit.score >= MIN_SCORE and bool(fit.covered or not asked)


def _cover(best: Fit, fits: Sequence[Fit]) -> list[Fit]:
    """Add who covers more of the task in its name, never the same object or code twice."""
    chosen = [best]
    while len(chosen) < MAX_EXAMPLES:
        covered = frozenset().union(*(fit.covered for fit in chosen))
        used = {key for fit in chosen for key in _keys(fit.example)}
        fresh = [
            fit for fit in fits if fit.score >= MIN_ADDED_SCORE and not used.intersection(_keys(fit.example))
        ]
        # `max` keeps the earlier of equals, and the corpus puts the better one first.
        found = max(fresh, key=lambda fit: _worth(fit, covered), default=None)
        if found is None or not found.named - covered:
            break
        chosen.append(found)
    return chosen


def _worth(fit: Fit, covered: frozenset[Concept]) -> tuple[int, int, bool]:
    """Weigh what an example adds: in its names, in the name of its own object, and as a result to see."""
    added = fit.named - covered
    own = frozenset(terms(fit.example.citation.symbol.rpartition(".")[2]))
    return len(added), len(_held(added, own)), fit.score == fit.example.score


def _asked(task: str, examples: Iterable[Example]) -> Asked:
    """Return what the task asks for, without what every task says and the libraries' own names."""
    libraries = {stem(word) for example in examples for word in _library_words(example)}
    found = [concept for concept in concepts(task) if not concept.soft]
    return tuple(concept for concept in found if concept.forms[0] not in libraries | _EVERYWHERE)


def _fit(number: int, example: Example, asked: Asked) -> Fit:
    names = " ".join((example.title, example.citation.title, example.citation.symbol, *example.symbols))
    named = _held(asked, frozenset(terms(names)))
    covered = named | _held(asked, frozenset(terms(f"{example.summary} {example.code}")))
    score = example.score - (0 if _shows_result(example.code) else _SILENT_MALUS)
    return Fit(number, example, covered, named, score)


def _held(asked: Iterable[Concept], held: frozenset[str]) -> frozenset[Concept]:
    return frozenset(concept for concept in asked if any(_meets(form, held) for form in concept.forms))


def _meets(form: str, held: frozenset[str]) -> bool:
    return form in held or (len(form) > _MIN_PREFIX and any(other.startswith(form) for other in held))


def _missing(task: str, asked: Asked, covered: frozenset[Concept]) -> tuple[str, ...]:
    """Return the words of what is not covered, as the person wrote them."""
    written = {stem(word): word for word in reversed(list(words(task)))}
    left = [concept for concept in asked if concept not in covered]
    return tuple(written.get(concept.forms[0], concept.forms[0]) for concept in left)


def _keys(example: Example) -> tuple[str, str]:
    return example.citation.symbol or example.title, example.code


def _shows_result(code: str) -> bool:
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError):
        return True
    return bool(body) and not isinstance(body[-1], (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom))


def _library_words(example: Example) -> set[str]:
    tops = {re.split(r"::|\.", symbol, maxsplit=1)[0] for symbol in example.symbols}
    source = example.citation.source
    return {word for name in (*tops, *([] if "/" in source else [source])) for word in words(name)}
