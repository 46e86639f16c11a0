"""Figures over a window, asked of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gptoss_lab.schemas.monitor import ErrorCount, Quality, QualityGroup, QualityPoint, Spread
from gptoss_lab.services.quality.facts import at_rank
from gptoss_lab.services.quality.window import Window, iso

MAX_GROUPS = 100
MAX_ERRORS = 100
MEASURED = ("first_text_s", "tokens_per_s", "duration_s")

_COUNTS = """
    SUM(kind = 'generate') AS generations,
    SUM(result = 'good') AS good,
    SUM(result = 'partial') AS partial,
    SUM(result = 'empty') AS empty,
    SUM(result = 'failed') AS failed,
    SUM(unparsed + failed_check + failed_run + checked + ran) AS cells,
    SUM(unparsed) AS unparsed,
    SUM(failed_check) AS failed_check,
    SUM(failed_run) AS failed_run,
    SUM(checked) AS checked,
    SUM(ran) AS ran,
    SUM(rounds) AS repair_rounds,
    SUM(kind = 'execute') AS executions,
    SUM(kind = 'execute' AND ok) AS executions_ok
"""
_VERDICTS = """
    SUM(verdict = 'accepted') AS accepted,
    SUM(verdict = 'edited') AS edited,
    SUM(verdict = 'rejected') AS rejected
"""
# A decision counts where its cell was made; one on a job that is not known counts where it was told.
_DECIDED = """(
    SELECT COALESCE(job.at, review.at) AS at, COALESCE(job.generator, review.generator) AS generator,
        COALESCE(job.model, review.model) AS model, COALESCE(job.templates, '') AS templates,
        COALESCE(job.docs, '') AS docs, verdict
    FROM seen_reviews review LEFT JOIN seen_jobs job ON job.job = review.job
    WHERE review.at >= :since
)"""
_MEDIAN = """
SELECT {key}, AVG(value) FROM (
    SELECT {key}, {value} AS value, ROW_NUMBER() OVER ordered AS place, COUNT(*) OVER whole AS total
    FROM (
        SELECT {values}, {value} FROM seen_jobs
        WHERE at >= :since AND kind = 'generate' AND {value} IS NOT NULL
    )
    WINDOW whole AS (PARTITION BY {key}), ordered AS (PARTITION BY {key} ORDER BY {value})
) WHERE place IN ((total + 1) / 2, (total + 2) / 2) GROUP BY {key}
"""
# What a clock that was set back has left in the future counts in the last step.
_KEYS = {
    "total": {"whole": "0"},
    "groups": {name: name for name in ("generator", "model", "templates", "docs")},
    "timeline": {"step": "MIN(CAST((at - :since) / :step AS INTEGER), :last)"},
}

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the store has to say of a window."""

    total: Quality
    groups: tuple[QualityGroup, ...]
    timeline: tuple[QualityPoint, ...]
    stages: tuple[Spread, ...]
    responses: tuple[Spread, ...]
    errors: tuple[ErrorCount, ...]


def figures(database: sqlite3.Connection, window: Window) -> Figures:
    """Ask for all of them. Blocks."""
    asked = {"since": window.since, "step": window.step_s, "last": window.count - 1}
    total = _qualities(database, "total", asked).get((0,), Quality())
    steps = _qualities(database, "timeline", asked)
    return Figures(
        total=total,
        groups=_groups(_qualities(database, "groups", asked)),
        timeline=tuple(
            QualityPoint(at=iso(start), quality=steps.get((number,), Quality()))
            for number, start in enumerate(window.starts())
        ),
        stages=_spreads(database, "stage", window.since),
        responses=_spreads(database, "response", window.since),
        errors=_errors(database, window.since),
    )


def _qualities(database: sqlite3.Connection, by: str, asked: Mapping[str, float]) -> dict[Key, Quality]:
    keys = _KEYS[by]
    values = ", ".join(f"{value} AS {name}" for name, value in keys.items())
    key = ", ".join(keys)
    found: dict[Key, dict[str, Any]] = {}
    for counts, table in ((_COUNTS, "seen_jobs"), (_VERDICTS, _DECIDED)):
        query = f"SELECT {values}, {counts} FROM {table} WHERE at >= :since GROUP BY {key}"  # noqa: S608 - our own words
        cursor = database.execute(query, asked)
        names = [column[0] for column in cursor.description][len(keys) :]
        for row in cursor:
            found.setdefault(row[: len(keys)], {}).update(zip(names, row[len(keys) :], strict=True))
    for value in MEASURED:
        for row in database.execute(_MEDIAN.format(key=key, values=values, value=value), asked):
            found[row[:-1]][value] = row[-1]
    return {key: Quality(**counts) for key, counts in found.items()}


def _groups(found: Mapping[Key, Quality]) -> tuple[QualityGroup, ...]:
    """Return those that a generator answers for, the most generations first."""
    known = [(key, quality) for key, quality in found.items() if key[0]]
    known.sort(key=lambda one: (-one[1].generations, -one[1].cells, one[0]))
    return tuple(
        QualityGroup(generator=generator, model=model, templates=templates, docs=docs, quality=quality)
        for (generator, model, templates, docs), quality in known[:MAX_GROUPS]
    )


def _spreads(database: sqlite3.Connection, what: str, since: float) -> tuple[Spread, ...]:
    query = "SELECT name, size, SUM(count) FROM seen_tallies WHERE what = ? AND at >= ? GROUP BY name, size"
    sizes: dict[str, list[tuple[int, int]]] = {}
    for name, size, count in database.execute(query, (what, since)):
        sizes.setdefault(name, []).append((size, count))
    spreads = (
        Spread(
            name=name, count=sum(count for _, count in each), p50_s=at_rank(each, 50), p95_s=at_rank(each, 95)
        )
        for name, each in sizes.items()
    )
    return tuple(sorted(spreads, key=lambda spread: (-spread.count, spread.name)))


def _errors(database: sqlite3.Connection, since: float) -> tuple[ErrorCount, ...]:
    query = (
        "SELECT name, what, SUM(count) AS met FROM seen_tallies WHERE what IN ('job', 'cell', 'http') "
        "AND at >= ? GROUP BY what, name ORDER BY met DESC, what, name LIMIT ?"
    )
    rows: Iterable[tuple[str, Any, int]] = database.execute(query, (since, MAX_ERRORS))
    return tuple(ErrorCount(code=code, kind=kind, count=count) for code, kind, count in rows)
