"""The first cell of a notebook of a paper: what was read, what is in it, and whether its numbers came out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from gptoss_lab.drafts.paper_links import place_link
from gptoss_lab.drafts.report_markdown import escaped
from gptoss_lab.schemas.papers import Claim, ClaimState, PaperForm, PaperReport, PaperSummary

MAX_CLAIMS = 100
MAX_LISTED = 40
MAX_CHARS = 300
FORMS: dict[PaperForm, str] = {"latex": "LaTeX source", "html": "HTML", "pdf": "PDF"}
STATES: dict[ClaimState, str] = {
    "verified": "verified",
    "differs": "**differs**",
    "not_run": "not run",
    "not_checkable": "not checkable",
    "open": "open",
}
_PLAIN_NAME = re.compile(r"\[|row \d|value \d")
"""Of a number that only its place names."""
_ORDER: tuple[ClaimState, ...] = ("differs", "verified", "not_checkable", "not_run", "open")


def front_text(report: PaperReport, notebook: str = "") -> str:
    """Return the Markdown; nothing of the paper in it is markup.

    Args:
        report: The paper and what has come of it so far.
        notebook: The path of the notebook, for links to the paper.
    """
    parts = [
        f"# {_line(report.paper.title or report.paper.uri)}",
        *_origin(report.paper),
        *_listed("Scope", _scope(report)),
        *_listed("Assumptions", report.assumptions),
        *_claims(report, notebook),
        *_listed("What is missing", report.missing),
    ]
    return "\n\n".join(parts) + "\n"


def claim_counts(claims: Sequence[Claim]) -> str:
    """Return how many claims are in each state, in words: `12 verified, 1 differs`."""
    counts = Counter(claim.state for claim in claims)
    words = {state: state.replace("_", " ") for state in _ORDER}
    words["differs"] = "differs" if counts["differs"] == 1 else "differ"
    return ", ".join(f"{counts[state]} {words[state]}" for state in _ORDER if counts[state])


def shown_claims(claims: Sequence[Claim], most: int = MAX_CLAIMS) -> list[Claim]:
    """Return the claims that a table shows: what differs first, then named numbers with decimals."""
    return sorted(claims, key=_rank)[:most]


def _rank(claim: Claim) -> tuple[int, bool, bool]:
    is_named = _PLAIN_NAME.match(claim.metric) is None
    return (_ORDER.index(claim.state), "." not in claim.printed, not is_named)


def _origin(paper: PaperSummary) -> Iterable[str]:
    if paper.authors:
        more = f" and {len(paper.authors) - MAX_LISTED} more" if len(paper.authors) > MAX_LISTED else ""
        yield ", ".join(_line(author) for author in paper.authors[:MAX_LISTED]) + more
    pages = f", {paper.pages} pages" if paper.pages else ""
    lost = " ".join(_line(text) for text in paper.lost[:MAX_LISTED])
    yield f"Read from its {FORMS[paper.form]} ({_line(paper.uri)}{pages}). {lost}".rstrip()


def _scope(report: PaperReport) -> list[str]:
    titles = {candidate.id: candidate.title for candidate in report.paper.candidates}
    code = {candidate.id for candidate in report.paper.candidates if candidate.kind == "code"}
    if len(code) > 1 and code == set(report.scope):
        return ["All code that the paper prints."]
    return [titles.get(name, name) for name in report.scope]


def _claims(report: PaperReport, notebook: str) -> Iterable[str]:
    if not report.claims:
        return
    yield "## Claims"
    yield f"Of the numbers that the paper prints: {claim_counts(report.claims)}."
    file = report.paper.files[0] if report.paper.files else ""
    shown = shown_claims(report.claims)
    rows = ["| State | What | Printed | Computed | Where | Why |", "| --- | --- | --- | --- | --- | --- |"]
    rows += [_row(claim, file, notebook) for claim in shown]
    yield "\n".join(rows)
    if len(shown) < len(report.claims):
        yield (
            f"{len(report.claims) - len(shown)} more are in the notebook's metadata, "
            "under `gptoss_lab.claims`."
        )


def _row(claim: Claim, file: str, notebook: str) -> str:
    computed = "" if claim.computed is None else f"{claim.computed:.10g}"
    cells = (
        STATES[claim.state],
        _line(claim.metric),
        _line(claim.printed),
        computed,
        place_link(file, claim.place, notebook),
        _line(claim.reason) if claim.state != "verified" else "",
    )
    return f"| {' | '.join(cells)} |"


def _listed(title: str, texts: Sequence[str]) -> Iterable[str]:
    if not texts:
        return
    yield f"## {title}"
    rows = [f"- {_line(text)}" for text in texts[:MAX_LISTED]]
    if len(texts) > MAX_LISTED:
        rows.append(f"- and {len(texts) - MAX_LISTED} more")
    yield "\n".join(rows)


def _line(text: str) -> str:
    return escaped(" ".join(text.split())[:MAX_CHARS])
