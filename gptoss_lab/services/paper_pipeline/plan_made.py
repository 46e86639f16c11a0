"""From a plan by labels to the cells of a notebook: those that no model writes stand in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gptoss_lab.drafts.cells import CellIds
from gptoss_lab.schemas.papers import Claim, Unit
from gptoss_lab.services.paper_pipeline.datasets import DataChoice
from gptoss_lab.services.paper_pipeline.plan_parts import OWN, Plan, PlannedCell, Role
from gptoss_lab.services.paper_pipeline.plan_read import RawCell, RawPlan

_WHAT: dict[Role, str] = {
    "setup": "the imports that the cells below need",
    "data": "the data, prepared as the paper says",
    "core": "a step of the method",
    "estimation": "the method, applied to the data",
    "evaluation": "the results, measured as the paper measures them",
}


def own_cells(data: Sequence[DataChoice], claims: Sequence[object] | Mapping[str, object]) -> int:
    """Return how many cells there are beside those of the plan, without the tests."""
    stand_ins = sum(choice.origin == "stand_in" for choice in data)
    return 1 + any(choice.code for choice in data) + stand_ins + bool(claims)


def made_plan(
    raw: RawPlan,
    units: Mapping[str, Unit],
    claims: Mapping[str, Claim],
    data: Sequence[DataChoice],
    ids: CellIds,
    most: int | None = None,
) -> Plan:
    """Return the plan with ids of units, claims and cells.

    First come the imports, then the values of the paper, the data that are here, data that stand in, what
    the plan has, the check of the claims, and tests.

    Args:
        raw: The plan as it was read.
        units: The units by label.
        claims: The claims by label.
        data: What stands for the data of the paper.
        ids: Gives the cells their names.
        most: How many code cells there may be; the tests are left out where they would be too many.
    """

    def made(cell: RawCell) -> PlannedCell:
        return PlannedCell(
            ids.new(),
            cell.role,
            cell.what or _WHAT[cell.role],
            tuple(units[label].id for label in cell.units),
            tuple(claims[label].id for label in cell.claims),
        )

    own_units = tuple(units[label].id for cell in raw.cells if cell.role in OWN for label in cell.units)
    theirs = [cell for cell in raw.cells if cell.role not in OWN and cell.role != "tests"]
    lost = [cell for cell in raw.cells if cell.role == "tests" and (cell.units or cell.claims)]
    first = [made(cell) for cell in theirs if cell.role == "setup"]
    rest = [made(cell) for cell in theirs if cell.role != "setup"]
    rest += [made(RawCell(cell.name, "evaluation", cell.what, cell.units, cell.claims, ())) for cell in lost]
    config = PlannedCell(ids.new(), "config", "Values of the paper", own_units)
    here = [choice for choice in data if choice.code]
    loads = [PlannedCell(ids.new(), "data", "The data", loads=True)] if here else []
    stand_ins = [choice for choice in data if choice.origin == "stand_in"]
    made_up = [
        PlannedCell(ids.new(), "data", f"Data that stand in for {choice.named}", makes=choice.variable)
        for choice in stand_ins
    ]
    ends = [PlannedCell(ids.new(), "claims", "The claims of the paper")] if claims else []
    tests = [PlannedCell(ids.new(), "tests", "Small tests of the cells above")] if rest else []
    cells = (*first, config, *loads, *made_up, *rest, *ends, *tests)
    if tests and most is not None and len(cells) > most:
        cells = cells[:-1]
    return Plan(
        cells=cells,
        config=raw.config,
        dropped={units[label].id: reason for label, reason in raw.dropped.items() if label in units},
        assumed={units[label].id: text for label, text in raw.assumed.items() if label in units and text},
        labels={claim.id: label for label, claim in claims.items()},
    )
