"""The first cell of a notebook of a paper."""

from __future__ import annotations

from gptoss_lab.drafts.front_page import MAX_CLAIMS, claim_counts, front_text
from gptoss_lab.schemas.papers import Candidate, Claim, PaperReport, PaperSummary, Place

PAPER = PaperSummary(
    id="p",
    uri="paper.pdf",
    form="pdf",
    title="A *title* <img src=x onerror=alert(1)>",
    authors=("A. [Author](javascript:alert)", "B"),
    files=("papers/paper.pdf",),
    lost=("Exponents are lost.",),
    pages=51,
    candidates=(Candidate(id="code-1", kind="code", title="Code | printed"),),
)
CLAIM = Claim(
    id="c1",
    metric="(Intercept) | Estimate",
    printed="251.41",
    value=251.41,
    quote="251.41",
    block="b",
    computed=251.405,
    state="verified",
    place=Place(page=32),
)


def test_the_page_says_what_was_read_and_what_came_of_it() -> None:
    """Paper, authors, form and loss, scope, assumptions, claims with links, and what is missing."""
    report = PaperReport(
        paper=PAPER,
        scope=("code-1",),
        claims=(CLAIM, CLAIM.model_copy(update={"id": "c2", "state": "differs", "computed": None})),
        assumptions=("The package lme4 was attached.",),
        missing=("One listing is pseudo-code.",),
    )
    text = front_text(report, "notebooks/out.ipynb")
    assert "PDF (paper.pdf, 51 pages). Exponents are lost." in text
    assert "1 differs, 1 verified" in text
    assert r"| verified | (Intercept) &#124; Estimate | 251.41 | 251.405 |" in text
    assert "[page 32](<../papers/paper.pdf#page=32>)" in text
    assert "## Scope\n\n- Code &#124; printed" in text
    assert "- The package lme4 was attached." in text
    assert "- One listing is pseudo-code." in text


def test_nothing_of_the_paper_is_markup() -> None:
    """Neither HTML nor a link, in no field."""
    text = front_text(PaperReport(paper=PAPER))
    assert "<img" not in text
    assert r"\[Author\](javascript" in text
    assert r"\*title\*" in text


def test_the_table_is_bounded() -> None:
    """The rest is counted, and what differs is among those shown."""
    many = [CLAIM.model_copy(update={"id": f"c{number}"}) for number in range(500)]
    wrong = CLAIM.model_copy(update={"id": "last", "state": "differs", "metric": "the wrong one"})
    text = front_text(PaperReport(paper=PAPER, claims=(*many, wrong)))
    assert text.count("251.41 |") == MAX_CLAIMS
    assert "the wrong one" in text
    assert f"{501 - MAX_CLAIMS} more are in the notebook's metadata" in text
    assert claim_counts([]) == ""
