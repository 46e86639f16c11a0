"""Fifty generations whose ends are known before: what a monitor must say of them.

    plan = planted()
    for task in plan: POST /api/v1/code/generate with task.body

Each names its script in its task, so that one chat server (`ChatServer("groupby")`) answers all of them. They
need neither a sandbox nor documentation: cells are checked and not run.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# How many of each script, how such a generation ends, and what becomes of its code cells.
_KINDS: tuple[tuple[str, int, str, Mapping[str, int], str], ...] = (
    ("groupby", 22, "good", {"checked": 2}, ""),
    ("unfenced", 6, "good", {"checked": 1}, ""),
    ("half", 8, "partial", {"checked": 1, "unparsed": 1}, ""),
    ("refusal", 3, "empty", {}, ""),
    ("reasoning_only", 2, "empty", {}, ""),
    ("error500", 5, "failed", {}, "engine"),
    ("notjson", 4, "failed", {}, "engine_protocol"),
)
COUNT = sum(kind[1] for kind in _KINDS)


@dataclass(frozen=True, slots=True)
class Planted:
    """One generation and its end.

    Attributes:
        body: What to send.
        result: "good", "partial", "empty" or "failed".
        cells: How many code cells come how far.
        error: The code of its error; empty where it has none.
    """

    body: Mapping[str, Any]
    result: str
    cells: Mapping[str, int]
    error: str


def planted() -> tuple[Planted, ...]:
    """Return all of them, the kinds in turns, as a day would bring them."""
    left = [list(_of(*kind)) for kind in _KINDS]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*left))
    return tuple(one for one in turns if one is not None)


def truth(plan: tuple[Planted, ...]) -> dict[str, int]:
    """Return the counts of `Quality` that they come to, those of reviews and repairs aside."""
    found: Counter[str] = Counter(generations=len(plan))
    for one in plan:
        found[one.result] += 1
        found["cells"] += sum(one.cells.values())
        found.update(one.cells)
    return dict(found)


def _of(script: str, count: int, result: str, cells: Mapping[str, int], error: str) -> Iterator[Planted]:
    for number in range(count):
        body = {
            "task": f"[[script:{script}]] mean by group {number}",
            "generator": "model",
            "verify": False,
        }
        yield Planted(body, result, cells, error)
