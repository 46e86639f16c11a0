"""The numbers that a paper prints as the output of its code, as claims."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.listings_prompts import SourceLine
from gptoss_lab.papers.printed_claims import Printout, compared, judged, open_claims
from gptoss_lab.papers.printed_values import number_of
from gptoss_lab.schemas.papers import Claim, Place

PRINTED = "REML criterion at convergence: 1743.6\n            Estimate t value\n(Intercept)   251.41   36.84"
ACTUAL = (
    "REML criterion at convergence: 1743.6\n\n            Estimate t value\n(Intercept)  251.405  36.838\n"
)


def printout(text: str = PRINTED, cells: tuple[str, ...] = ("c1",), reason: str = "") -> Printout:
    """Return what a paper prints on page 31."""
    lines = tuple(SourceLine(line, "b9", Place(page=31)) for line in text.splitlines())
    return Printout("l1", "summary(m)", lines, cells, reason)


def after(actual: str, text: str = PRINTED) -> dict[str, Claim]:
    """Return the claims as they stand after the cell has printed something."""
    given = printout(text)
    claims = {claim.id: claim for claim in open_claims([given])}
    return {claim.metric: claim for claim in compared(given, claims, {"c1": actual})}


def test_every_printed_number_is_a_claim() -> None:
    """With its name, the line it stands in, the page, and half a unit of its last digit."""
    first, second, _ = open_claims([printout()])
    assert (first.metric, first.printed, first.value, first.place.page) == (
        "REML criterion at convergence",
        "1743.6",
        1743.6,
        31,
    )
    assert first.tolerance == pytest.approx(0.05)
    assert first.quote in PRINTED
    assert (second.metric, second.cell, second.state) == ("(Intercept) Estimate", "c1", "open")
    assert second.tolerance == pytest.approx(0.005)


def test_what_comes_out_is_verified() -> None:
    """Within half a unit of the last printed digit, with the number of the cell."""
    told = after(ACTUAL)
    assert {claim.state for claim in told.values()} == {"verified"}
    assert told["(Intercept) Estimate"].computed == 251.405


def test_a_wrong_number_differs() -> None:
    """One digit is enough, and the others stay verified."""
    told = after(ACTUAL, PRINTED.replace("251.41", "251.43"))
    assert told["(Intercept) Estimate"].state == "differs"
    assert told["(Intercept) Estimate"].reason == "The cell printed 251.405."
    assert told["(Intercept) t value"].state == "verified"


def test_what_is_not_printed_cannot_be_checked() -> None:
    """That the number stands elsewhere does not count."""
    told = after("deviance: 1743.6\n(Intercept) 251.405 36.838 9")
    assert told["REML criterion at convergence"].state == "not_checkable"
    assert "same words" in told["REML criterion at convergence"].reason
    assert told["(Intercept) Estimate"].state == "not_checkable"
    assert "after 2 numbers" in after("$ a: 1 2 ...", "$ a: 1 2 3")["$ a, value 3"].reason


def test_fewer_digits_of_the_cell_are_enough() -> None:
    """Both are compared at the last digit of the cell, and that is said."""
    claim = open_claims([printout("x: 0.528896")])[0]
    for text, state in (
        ("0.5289", "verified"),
        ("0.53", "verified"),
        ("0.5", "verified"),
        ("0.52", "differs"),
    ):
        number = number_of(text)
        assert number
        told = judged(claim, number)
        assert told.state == state
        assert text in told.reason


def test_the_cell_that_prints_most_of_it_is_taken() -> None:
    """Where the paper does not print the command, several may have been it."""
    given = printout(cells=("c1", "c2"))
    claims = {claim.id: claim for claim in open_claims([given])}
    told = compared(given, claims, {"c1": "REML criterion at convergence: 1743.6", "c2": ACTUAL})
    assert {claim.cell for claim in told} == {"c2"}


def test_cells_that_did_not_run_leave_claims_open() -> None:
    """Nothing is said of them here."""
    given = printout()
    assert compared(given, {claim.id: claim for claim in open_claims([given])}, {}) == []
    reason = open_claims([printout(cells=(), reason="It is pseudo-code.")])[0]
    assert (reason.cell, reason.reason) == ("", "It is pseudo-code.")
