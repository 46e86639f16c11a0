"""Which examples fit a task, by the words that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gptoss_lab.documents.tokens import SOFT, STOP, stem, terms, words
from gptoss_lab.schemas.documents import Example

MAX_EXAMPLES = 3
MIN_SINGLE = 0.25
MIN_COMBINED = 0.4
MAX_TERMS = 8
_MIN_PREFIX = 4
_SYNONYMS = {
    "average": ("mean",),
    "chart": ("plot",),
    "graph": ("plot",),
    "delete": ("drop",),
    "remove": ("drop",),
    "join": ("merge",),
    "normalize": ("scale",),
    "standardize": ("scale", "standard"),
    "deviation": ("std",),
    "missing": ("nan", "na", "impute"),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one example fits. `number` is its place among the candidates."""

    number: int
    example: Example
    covered: frozenset[str]
    named: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The examples to show, best first, and the task's words that none of them covers."""

    chosen: tuple[Fit, ...]
    spare: tuple[Fit, ...]
    missing: tuple[str, ...]


def task_words(task: str, examples: Sequence[Example]) -> dict[str, str]:
    """Return the task's telling terms with the word that each stands for, in order.

    Stop words, words that every task uses and the libraries' own names tell nothing.
    """
    libraries = {stem(name) for example in examples for name in _library_words(example)}
    found: dict[str, str] = {}
    for word in words(task):
        term = stem(word)
        if word not in STOP and word not in SOFT and term not in libraries and len(term) > 1:
            found.setdefault(term, word)
    return dict(list(found.items())[: 4 * MAX_TERMS])


def select(task: str, examples: Sequence[Example]) -> Selection:
    """Pick up to three examples that together cover the task; none where nothing fits."""
    asked = task_words(task, examples)
    fits = sorted((_fit(number, example, asked) for number, example in enumerate(examples)), key=_order)
    able = [fit for fit in fits if asked and len(fit.covered) / _size(asked) >= MIN_SINGLE]
    chosen = _cover(able)
    covered = frozenset().union(*(fit.covered for fit in chosen))
    if not asked or len(covered) / _size(asked) < MIN_COMBINED:
        return Selection((), (), tuple(word for term, word in asked.items() if term not in covered))
    missing = tuple(word for term, word in asked.items() if term not in covered)
    return Selection(tuple(chosen), tuple(fit for fit in able if fit not in chosen), missing)


def _cover(fits: Sequence[Fit]) -> list[Fit]:
    """Take the best, then whoever adds terms in its name, never the same symbol or code twice."""
    chosen: list[Fit] = []
    while fits and len(chosen) < MAX_EXAMPLES:
        covered = frozenset().union(*(fit.covered for fit in chosen))
        subjects = {_subject(fit.example) for fit in chosen} | {fit.example.code for fit in chosen}
        fresh = [fit for fit in fits if not {_subject(fit.example), fit.example.code} & subjects]
        # The first is the best; `max` keeps the earlier of equals.
        best = (
            fresh[0]
            if fresh and not chosen
            else max(fresh, key=lambda fit: len(fit.named - covered), default=None)
        )
        if best is None or (chosen and not best.named - covered):
            break
        chosen.append(best)
    return chosen


def _fit(number: int, example: Example, asked: Mapping[str, str]) -> Fit:
    names = " ".join((example.title, example.citation.title, example.citation.symbol, *example.symbols))
    named = _matches(asked, frozenset(terms(names)))
    covered = named | _matches(asked, frozenset(terms(f"{example.summary} {example.code}")))
    # A term in the name of what is shown says more than one in its text.
    score = (len(covered) + len(named)) / (2 * _size(asked)) - len(example.code) / 50_000
    return Fit(number, example, covered, named, score)


def _matches(asked: Mapping[str, str], held: frozenset[str]) -> frozenset[str]:
    return frozenset(
        term for term, word in asked.items() if any(_meets(one, held) for one in (term, *_other(word)))
    )


def _other(word: str) -> tuple[str, ...]:
    return tuple(stem(other) for other in _SYNONYMS.get(word, ()))


def _meets(term: str, held: frozenset[str]) -> bool:
    return term in held or (len(term) >= _MIN_PREFIX and any(other.startswith(term) for other in held))


def _size(asked: Mapping[str, str]) -> int:
    return max(1, min(len(asked), MAX_TERMS))


def _order(fit: Fit) -> tuple[float, int]:
    return -round(fit.score, 3), fit.number


def _subject(example: Example) -> str:
    return example.citation.symbol or example.title


def _library_words(example: Example) -> set[str]:
    tops = {symbol.split(".")[0] for symbol in example.symbols}
    tops |= {line.split()[1].split(".")[0] for line in example.imports if len(line.split()) > 1}
    source = example.citation.source
    return {word for name in (*tops, *([source] if "/" not in source else [])) for word in words(name)}
