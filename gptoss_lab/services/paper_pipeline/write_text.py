"""The text cell above a cell of code: its step, and the words of the paper that it implements."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.drafts.harmless import harmless
from gptoss_lab.drafts.paper_links import place_link
from gptoss_lab.drafts.report_markdown import escaped
from gptoss_lab.papers.candidates import where
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.papers import Claim, Paper, Place, Unit

MAX_QUOTES = 12
MAX_CHARS = 400


def step_text(
    what: str, units: Sequence[Unit], claims: Sequence[Claim], paper: Paper, notebook: str = ""
) -> str:
    """Return the Markdown; nothing of the paper in it is markup.

    Args:
        what: The step, in the words of the plan.
        units: What the cell implements.
        claims: What it computes.
        paper: For links to the places.
        notebook: The path of the notebook.
    """
    file = paper.files[0] if paper.files else ""
    lines = [f"### {_line(what[:1].upper() + what[1:])}"]
    lines += [f"> {_line(unit.quote)}\n>\n> {_told(unit, file, notebook)}" for unit in units[:MAX_QUOTES]]
    if len(units) > MAX_QUOTES:
        lines.append(f"And {len(units) - MAX_QUOTES} more requirements of the paper.")
    if claims:
        metrics = "; ".join(_line(claim.metric) for claim in claims[:MAX_QUOTES])
        lines.append(f"Computes: {metrics}.")
    return harmless("\n\n".join(lines))


def citations_of(paper: Paper, places: Sequence[Place]) -> tuple[Citation, ...]:
    """Return a citation for each place of a paper, each once."""
    link = paper.uri if paper.uri.startswith(("https://", "http://")) else ""
    cited = [
        Citation(
            source=paper.files[0] if paper.files else paper.uri,
            title=", ".join(filter(None, (paper.title, where(place)))),
            page=place.page,
            anchor=place.anchor,
            link=link,
        )
        for place in places
    ]
    return tuple(dict.fromkeys(cited))


def _told(unit: Unit, file: str, notebook: str) -> str:
    parts = [place_link(file, unit.place, notebook), _line(unit.statement)]
    if unit.status == "inferred":
        parts.append("(inferred)")
    if unit.status == "unresolved":
        parts.append(f"(open: {_line(unit.question)} {_line(unit.answer)})".replace(" )", ")"))
    return " ".join(filter(None, parts))


def _line(text: str) -> str:
    return escaped(" ".join(text.split())[:MAX_CHARS])
