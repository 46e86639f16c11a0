"""Numbers in the sentences of a paper that its printed output holds too."""

from __future__ import annotations

from gptoss_lab.papers.printed_prose import compared_prose, prose_claims
from gptoss_lab.schemas.papers import Claim, ClaimState, Paper, PaperBlock, Place

TEXT = "We begin. The deviations are 24.74 ms and 5.92 ms, at 2.0 (see 24.74.1, v1.24.74). All is well."


def paper(text: str = TEXT) -> Paper:
    """Return a paper of one sentence or more."""
    block = PaperBlock(id="b1", kind="prose", text=text, place=Place(page=4))
    return Paper(id="p", uri="p", form="pdf", title="P", blocks=(block,))


def output(state: ClaimState = "open", computed: float | None = None) -> Claim:
    """Return the claim of a printed output."""
    return Claim(
        id="l1-1-1",
        metric="Subject sdcor",
        printed="24.740658",
        value=24.740658,
        tolerance=5e-7,
        quote="24.740658",
        block="b9",
        cell="c1",
        state=state,
        computed=computed,
        reason="" if state == "open" else "said",
    )


def test_numbers_that_recur_are_claims() -> None:
    """Bound to their sentence; parts of versions, and numbers that the output lacks, are none."""
    found = prose_claims(paper(), [output()])
    ((claim, source),) = found.values()
    assert (claim.metric, claim.printed, source, claim.place.page) == ("Subject sdcor", "24.74", "l1-1-1", 4)
    assert claim.quote.startswith("The deviations are 24.74 ms")
    assert claim.quote in TEXT
    assert claim.tolerance == 0.005


def test_few_digits_say_nothing() -> None:
    """Of 2.0 there are too many."""
    two = output().model_copy(update={"value": 2.0, "tolerance": 0.05})
    assert prose_claims(paper(), [two]) == {}


def test_names_in_doubt_are_left_alone() -> None:
    """A number that the outputs call by four names."""
    same = [output().model_copy(update={"id": f"l{n}", "metric": f"m{n}"}) for n in range(4)]
    assert prose_claims(paper(), same) == {}


def test_they_stand_as_the_output_does() -> None:
    """Compared with the same number of the same cell; not checkable where that is not."""
    found = prose_claims(paper(), [output()])
    (told,) = compared_prose(found, {"l1-1-1": output("verified", 24.7406)})
    assert (told.state, told.cell) == ("verified", "c1")
    (told,) = compared_prose(found, {"l1-1-1": output("differs", 26.0)})
    assert (told.state, told.computed) == ("differs", 26.0)
    (told,) = compared_prose(found, {"l1-1-1": output("not_checkable")})
    assert (told.state, told.reason) == ("not_checkable", "said")
    assert list(compared_prose(found, {})) == []


def test_long_sentences_are_cut_around_the_number() -> None:
    """The quote stays verbatim and holds it."""
    text = f"{'word ' * 300}24.74 {'more ' * 300}"
    ((claim, _),) = prose_claims(paper(text), [output()]).values()
    assert len(claim.quote) <= 400
    assert claim.quote in text
    assert "24.74" in claim.quote
