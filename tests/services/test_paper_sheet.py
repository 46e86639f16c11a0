"""A paper, folded from events."""

from __future__ import annotations

from gptoss_lab.schemas.events import ClaimEvent, PaperEvent, UnitEvent
from gptoss_lab.schemas.papers import Claim, Unit
from gptoss_lab.services.paper_pipeline.run import summary_of
from gptoss_lab.services.paper_sheet import PaperSheet
from tests.fakes.papers import PAPER

UNIT = Unit(id="u1", statement="Fit a line", quote="fit a line", block="b1")
CLAIM = Claim(id="c1", metric="slope", printed="2.00", value=2.0, quote="slope is 2.00", block="b3")


def told(*events: PaperEvent | UnitEvent | ClaimEvent) -> PaperSheet:
    """Return a sheet that was told these."""
    sheet = PaperSheet()
    for event in events:
        sheet.apply(event)
    return sheet


def test_nothing_is_known_before_the_paper_is_told() -> None:
    """A job without a paper has no report, and nothing to say again."""
    sheet = told()
    assert sheet.report() is None
    assert sheet.replay() == []


def test_the_last_word_holds_in_the_order_of_the_first() -> None:
    """A unit or a claim that is told again replaces the earlier one where it stood."""
    other = UNIT.model_copy(update={"id": "u2"})
    owned = UNIT.model_copy(update={"owner": "cell-1"})
    first = PaperEvent(paper=summary_of(PAPER, ()))
    second = first.model_copy(update={"scope": ("a",)})
    sheet = told(
        first,
        UnitEvent(unit=UNIT),
        UnitEvent(unit=other),
        ClaimEvent(claim=CLAIM),
        UnitEvent(unit=owned),
        second,
    )
    report = sheet.report()
    assert report is not None
    assert report.units == (owned, other)
    assert (report.scope, report.claims) == (("a",), (CLAIM,))


def test_a_new_reader_comes_to_the_same() -> None:
    """The events of the replay lead to the same report."""
    sheet = told(
        PaperEvent(seq=3, paper=summary_of(PAPER, ())), UnitEvent(unit=UNIT), ClaimEvent(claim=CLAIM)
    )
    again = PaperSheet()
    for event in sheet.replay():
        again.apply(event)
    assert again.report() == sheet.report()
