"""What a person must know of the cells that the printed code of a paper became."""

from __future__ import annotations

from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.printed_plan import Plan, PlannedCell
from gptoss_lab.papers.printed_told import named_in_text, not_run
from gptoss_lab.schemas.papers import Place


def listing(source: str, *, named: bool = False) -> Listing:
    """Return a command of page 4."""
    return Listing(source, source, "r", (), "b", Place(page=4), 0, named=named)


PLAN = Plan(
    cells=[
        PlannedCell("1", (listing("x <- f(1)"),)),
        PlannedCell("2", (listing("nc <- 3", named=True),)),
        PlannedCell("3", (listing("summary(m)", named=True),)),
        PlannedCell("4", (listing(f"L <- {'g' * 90}\n(1)"), listing("M")), "It uses `L`."),
    ]
)


def test_calls_that_were_taken_from_the_text() -> None:
    """Assignments are told elsewhere."""
    assert named_in_text(PLAN) == [
        "`summary(m)` stands in the text and is taken to have given the output on page 4."
    ]


def test_what_is_not_run() -> None:
    """Once for each piece, with the reason; long code is cut."""
    (told,) = not_run(PLAN)
    assert told.startswith("`L <- ggg")
    assert told.endswith("\u2026` on page 4 is not run. It uses `L`.")
    assert len(told) < 120
