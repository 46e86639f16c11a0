"""From a model's answer to a plan: nothing that it does not know, no circle, one cell for each unit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from keyword import iskeyword
from typing import Any

from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.papers import PlanValue, Unit
from gptoss_lab.services.paper_pipeline.modelled_answers import (
    UnreadableAnswerError,
    entries_of,
    names_of,
    read_object,
    text_of,
)
from gptoss_lab.services.paper_pipeline.plan_parts import OWN, ROLES, Role

MAX_CONFIG = 60
_MAX_LISTED = 6
_KEYS = ("cells",)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_RESERVED = frozenset({
    "claim_values",
    "if",
    "else",
    "repeat",
    "while",
    "function",
    "for",
    "next",
    "break",
    "TRUE",
    "FALSE",
    "NULL",
    "Inf",
    "NaN",
    "NA",
    "T",
    "F",
    "c",
    "t",
    "list",
    "print",
    "len",
    "sum",
    "range",
    "data",
    "max",
    "min",
    "int",
    "float",
    "str",
    "dict",
    "set",
    "id",
    "input",
    "open",
    "type",
})


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as an answer plans it: by its own names."""

    name: str
    role: Role
    what: str
    units: tuple[str, ...]
    claims: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawPlan:
    """A plan as an answer has it, checked, its cells in an order that serves what each needs."""

    cells: tuple[RawCell, ...]
    config: tuple[PlanValue, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    assumed: Mapping[str, str] = field(default_factory=dict)


def read_plan(text: str, units: Mapping[str, Unit], claims: Sequence[str], max_cells: int) -> RawPlan:
    """Return the plan of an answer.

    Args:
        text: The answer.
        units: The units in scope by the labels that the prompt gave them.
        claims: The labels of the claims.
        max_cells: How many cells there may be.

    Raises:
        UnreadableAnswerError: It is no plan, or not a sound one; the text says all that is wrong.
    """
    answer = read_object(text, _KEYS)
    cells = [_cell(entry, number) for number, entry in enumerate(entries_of(answer, "cells"), start=1)]
    dropped = {
        text_of(entry.get("unit"), 80): one_line(text_of(entry.get("reason"), 300))
        or "The plan leaves it out."
        for entry in entries_of(answer, "not_implemented")
        if isinstance(entry, dict)
    }
    wrong = [*_form(cells, max_cells), *_owners(cells, dropped, units), *_known_claims(cells, claims)]
    ordered = _ordered(cells, wrong)
    if wrong:
        raise UnreadableAnswerError("; ".join(wrong[:_MAX_LISTED]))
    assumed = {
        text_of(entry.get("unit"), 80): one_line(text_of(entry.get("assumed"), 300))
        for entry in entries_of(answer, "assumptions")
        if isinstance(entry, dict) and text_of(entry.get("unit"), 80) in units
    }
    return RawPlan(tuple(ordered), _config(answer, units), dropped, assumed)


def _cell(entry: object, number: int) -> RawCell:
    values: dict[str, Any] = entry if isinstance(entry, dict) else {}
    role: Role = next((known for known in ROLES if known == text_of(values.get("role"), 20).lower()), "core")
    return RawCell(
        name=text_of(values.get("id"), 80) or f"cell {number}",
        role=role,
        what=one_line(text_of(values.get("title"), 160)),
        units=names_of(values.get("units")),
        claims=names_of(values.get("claims")),
        after=names_of(values.get("after")),
    )


def _form(cells: Sequence[RawCell], max_cells: int) -> list[str]:
    wrong: list[str] = []
    if not cells:
        wrong.append("it has no cells")
    if len(cells) > max_cells:
        wrong.append(f"it has {len(cells)} cells, more than {max_cells}")
    twice = [name for name, count in Counter(cell.name for cell in cells).items() if count > 1]
    if twice:
        wrong.append(f"there are several cells with the id {_listed(twice)}")
    return wrong


def _owners(cells: Sequence[RawCell], dropped: Mapping[str, str], units: Mapping[str, Unit]) -> list[str]:
    counts = Counter(unit for cell in cells for unit in cell.units)
    unknown = [name for name in (*counts, *dropped) if name not in units]
    several = [name for name, count in counts.items() if count > 1 and name in units]
    both = [name for name in dropped if name in counts]
    missing = [name for name in units if name not in counts and name not in dropped]
    wrong: list[str] = []
    if unknown:
        wrong.append(f"there is no unit {_listed(unknown)}")
    if several:
        wrong.append(f"more than one cell has the unit {_listed(several)}")
    if both:
        wrong.append(f"a cell has the unit {_listed(both)}, which is not implemented")
    if missing:
        wrong.append(f"no cell has the unit {_listed(missing)}, and it is not in not_implemented")
    return wrong


def _known_claims(cells: Sequence[RawCell], claims: Sequence[str]) -> list[str]:
    counts = Counter(claim for cell in cells for claim in cell.claims)
    unknown = [name for name in counts if name not in claims]
    several = [name for name, count in counts.items() if count > 1]
    wrong = [f"there is no claim {_listed(unknown)}"] if unknown else []
    return [*wrong, f"more than one cell computes the claim {_listed(several)}"] if several else wrong


def _ordered(cells: Sequence[RawCell], wrong: list[str]) -> list[RawCell]:
    """Return the cells so that each comes after what it needs, else in the order of the answer."""
    by_name = {cell.name: cell for cell in cells}
    unknown = [name for cell in cells for name in cell.after if name not in by_name]
    own = {cell.name for cell in cells if cell.role in OWN}
    if unknown:
        wrong.append(f"there is no cell {_listed(unknown)} to come after")
        return list(cells)
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for cell in cells:
        sorter.add(cell.name, *(name for name in cell.after if name not in own))
    try:
        sorter.prepare()
    except CycleError as error:
        wrong.append(f"these cells need each other in a circle: {_listed(error.args[1])}")
        return list(cells)
    ordered: list[RawCell] = []
    places = {cell.name: place for place, cell in enumerate(cells)}
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=places.__getitem__)
        name = ready.pop(0)
        ordered.append(by_name[name])
        sorter.done(name)
    return ordered


def _config(answer: Mapping[str, Any], units: Mapping[str, Unit]) -> tuple[PlanValue, ...]:
    """Return the values; one whose number does not stand in the quote of its unit is assumed."""
    found: dict[str, PlanValue] = {}
    for entry in entries_of(dict(answer), "config")[:MAX_CONFIG]:
        if not isinstance(entry, dict):
            continue
        name, value = text_of(entry.get("name"), 60), one_line(text_of(entry.get("value"), 200))
        if not _NAME.fullmatch(name) or iskeyword(name) or name in _RESERVED or not value:
            continue
        unit = units.get(text_of(entry.get("unit"), 80))
        stated = unit is not None and _stands(value, unit)
        found.setdefault(
            name,
            PlanValue(
                name=name, value=value, place=unit.place if unit and stated else None, assumed=not stated
            ),
        )
    return tuple(found.values())


def _stands(value: str, unit: Unit) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(value)}(?![\w]|\.\d)", unit.quote, re.IGNORECASE) is not None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name)[:40] for name in dict.fromkeys(names[:_MAX_LISTED]))
    return f"{shown} and others" if len(names) > _MAX_LISTED else shown
