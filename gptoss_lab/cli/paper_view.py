"""What is known of a paper, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gptoss_lab.drafts.front_page import claim_counts, shown_claims
from gptoss_lab.schemas.papers import Claim, PaperReport, PaperSummary

MAX_CLAIMS = 40
_MAX_CHARS = 200
_WIDE, _NARROW = 44, 14
_FORMS = {"latex": "LaTeX source", "html": "HTML", "pdf": "PDF"}


def paper_lines(report: PaperReport) -> Iterator[str]:
    """Yield what was read, what there is to choose from, and what the paper leaves open."""
    yield from _head(report.paper)
    if report.paper.candidates:
        yield "Parts to choose from, for --scope:"
        width = max(len(candidate.id) for candidate in report.paper.candidates)
        for candidate in report.paper.candidates:
            place = f" (page {candidate.place.page})" if candidate.place.page else ""
            yield f"  {candidate.id:{width}}  {plain(candidate.title)}{place}"
    else:
        yield "There is no method, experiment or code in it that could be implemented."
    open_units = [unit for unit in report.units if unit.status == "unresolved"]
    if open_units:
        yield "What the paper leaves open:"
        for unit in open_units:
            yield f"  {unit.id}  {plain(unit.question or unit.statement)}"


def claim_lines(report: PaperReport) -> Iterator[str]:
    """Yield what was assumed, what is missing, the table of claims, and how many are in each state."""
    yield from _listed("Assumed:", report.assumptions)
    yield from _listed("Missing:", report.missing)
    if not report.claims:
        yield "No number of the paper was compared."
        return
    shown = shown_claims(report.claims, MAX_CLAIMS)
    yield f"{'state':{_NARROW}}{'what':{_WIDE}}{'printed':>{_NARROW}}{'computed':>{_NARROW}}  where"
    for claim in shown:
        yield _row(claim)
    if len(shown) < len(report.claims):
        yield f"... and {len(report.claims) - len(shown)} more, all in the notebook's metadata."
    yield f"Claims: {claim_counts(report.claims)}."


def plain(text: str) -> str:
    """Return a text of a paper in one line of bounded length that steers no terminal."""
    flat = " ".join(text.split())[:_MAX_CHARS]
    return "".join(letter if letter.isprintable() else "?" for letter in flat)


def _head(paper: PaperSummary) -> Iterator[str]:
    yield plain(paper.title or paper.uri)
    if paper.authors:
        yield plain(", ".join(paper.authors))
    pages = f", {paper.pages} pages" if paper.pages else ""
    yield f"Read from its {_FORMS[paper.form]}{pages}."
    yield from (plain(text) for text in paper.lost)


def _row(claim: Claim) -> str:
    computed = "" if claim.computed is None else f"{claim.computed:.8g}"
    name = plain(claim.metric)
    name = name if len(name) < _WIDE else f"{name[: _WIDE - 2]}\u2026"
    place = f"page {claim.place.page}" if claim.place.page else plain(" ".join(claim.place.section[-1:]))
    state = claim.state.replace("_", " ")
    shown = plain(claim.printed)
    return f"{state:{_NARROW}}{name:{_WIDE}}{shown:>{_NARROW}}{computed:>{_NARROW}}  {place}".rstrip()


def _listed(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield title
        yield from (f"  - {plain(text)}" for text in texts)
