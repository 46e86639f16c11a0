"""A plan without a model: the units in the order of the paper, a few to a cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gptoss_lab.schemas.papers import Unit
from gptoss_lab.services.paper_pipeline.plan_read import RawCell, RawPlan

PER_CELL = 4


def plan_in_order(units: Mapping[str, Unit], claims: Sequence[str], max_cells: int) -> RawPlan:
    """Return a plan in which every unit has a cell; the last of them computes the claims.

    Args:
        units: The units in scope, by label, in the order of the paper.
        claims: The labels of the claims.
        max_cells: How many cells there may be.
    """
    cells = [RawCell("setup", "setup", "the imports that the cells below need", (), (), ())]
    room = max(max_cells - (2 if claims else 1), 1)
    for number, labels in enumerate(_groups(units, room), start=1):
        section = units[labels[0]].place.section
        what = f"what “{section[-1][:80]}” requires" if section else f"step {number}"
        cells.append(RawCell(f"step {number}", "core", what, tuple(labels), (), ()))
    if claims:
        what = "the results, measured as the paper measures them"
        cells.append(RawCell("results", "evaluation", what, (), tuple(claims), ()))
    return RawPlan(tuple(cells))


def _groups(units: Mapping[str, Unit], room: int) -> list[list[str]]:
    """Return units of one section together, as many to a cell as the number of cells asks for."""
    size = max(PER_CELL, math.ceil(len(units) / room))
    groups: list[list[str]] = []
    for label, unit in units.items():
        last = groups[-1] if groups else []
        same = bool(last) and units[last[-1]].place.section == unit.place.section
        if last and len(last) < size and (same or size > PER_CELL or len(groups) >= room):
            last.append(label)
        else:
            groups.append([label])
    while len(groups) > room:
        shortest = min(range(len(groups) - 1), key=lambda place: len(groups[place]) + len(groups[place + 1]))
        groups[shortest : shortest + 2] = [groups[shortest] + groups[shortest + 1]]
    return groups
