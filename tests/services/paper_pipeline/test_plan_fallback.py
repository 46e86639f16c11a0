"""The plan that needs no model, and a plan's cells in the notebook."""

from __future__ import annotations

import pytest

from gptoss_lab.drafts.cells import CellIds
from gptoss_lab.schemas.papers import Claim, Place, PlanValue, Unit
from gptoss_lab.services.paper_pipeline.datasets import DataChoice
from gptoss_lab.services.paper_pipeline.plan_fallback import plan_in_order
from gptoss_lab.services.paper_pipeline.plan_made import made_plan, own_cells
from gptoss_lab.services.paper_pipeline.plan_read import RawCell, RawPlan

CLAIM = Claim(id="c-1", metric="m", printed="1", value=1, quote="1", block="b")


def units(count: int, per_section: int = 3) -> dict[str, Unit]:
    """Return units in sections."""
    return {
        f"u{n}": Unit(
            id=f"id-{n}", statement="s", quote="q", block="b", place=Place(section=(f"S{n // per_section}",))
        )
        for n in range(count)
    }


@pytest.mark.parametrize("count", [0, 1, 5, 17, 80])
@pytest.mark.parametrize("most", [1, 3, 16])
@pytest.mark.parametrize("claims", [(), ("c1", "c2")])
def test_each_unit_has_one_cell(count: int, most: int, claims: tuple[str, ...]) -> None:
    """In the order of the paper, in as many cells as there may be, and the last computes the claims."""
    given = units(count)
    plan = plan_in_order(given, claims, most)
    assert [label for cell in plan.cells for label in cell.units] == list(given)
    assert tuple(label for cell in plan.cells for label in cell.claims) == claims
    assert len(plan.cells) <= max(most, 2 + bool(claims))


def test_sections_stay_together() -> None:
    """As long as there are cells enough."""
    plan = plan_in_order(units(6), (), 16)
    assert [cell.units for cell in plan.cells[1:]] == [("u0", "u1", "u2"), ("u3", "u4", "u5")]
    assert plan.cells[1].what == "what \u201cS0\u201d requires"


def test_the_cells_that_no_model_writes_have_their_places() -> None:
    """Imports, values, data that are here, data that stand in, the plan's own, the claims, the tests."""
    raw = RawPlan(
        (
            RawCell("s", "setup", "", (), (), ()),
            RawCell("v", "config", "values", ("u0",), (), ()),
            RawCell("f", "core", "the fit", ("u1",), (), ()),
            RawCell("t", "tests", "tests", ("u2",), ("c1",), ()),
        ),
        config=(PlanValue(name="x", value="1", assumed=True),),
        dropped={"u9": "unknown"},
    )
    data = [
        DataChoice("a", "package", "a", "load(a)", "a is here."),
        DataChoice("b", "stand_in", "stand_in_b", "", "b is not."),
        DataChoice("c", "variable", "c", "", "c is live."),
    ]
    plan = made_plan(raw, units(3), {"c1": CLAIM}, data, CellIds())
    kinds = [(cell.role, cell.loads, cell.makes, cell.units) for cell in plan.cells]
    assert kinds == [
        ("setup", False, "", ()),
        ("config", False, "", ("id-0",)),
        ("data", True, "", ()),
        ("data", False, "stand_in_b", ()),
        ("core", False, "", ("id-1",)),
        ("evaluation", False, "", ("id-2",)),
        ("claims", False, "", ()),
        ("tests", False, "", ()),
    ]
    assert [cell.is_own for cell in plan.cells] == [False, True, True, False, False, False, True, False]
    assert plan.labels == {"c-1": "c1"}
    assert plan.dropped == {}
    assert len({cell.id for cell in plan.cells}) == len(plan.cells)
    bare = made_plan(RawPlan(()), {}, {}, [], CellIds())
    assert [cell.role for cell in bare.cells] == ["config"]


def test_a_bound_on_cells_leaves_the_tests_out() -> None:
    """They are what a notebook can do without."""
    raw = plan_in_order(units(3), ("c1",), 3)
    claims = {"c1": CLAIM}
    roles = [cell.role for cell in made_plan(raw, units(3), claims, [], CellIds(), 5).cells]
    assert roles == ["setup", "config", "core", "evaluation", "claims"]
    assert made_plan(raw, units(3), claims, [], CellIds(), 6).cells[-1].role == "tests"
    data = [DataChoice("a", "package", "a", "load(a)"), DataChoice("b", "stand_in", "b")]
    assert [own_cells([], {}), own_cells(data, claims)] == [1, 4]
