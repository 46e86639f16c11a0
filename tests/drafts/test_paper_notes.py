"""What a notebook's metadata say of the paper that its cells implement."""

from __future__ import annotations

import json

from gptoss_lab.drafts.paper_notes import paper_notes
from gptoss_lab.schemas.papers import Claim, PaperReport, PaperSummary


def test_every_claim_is_kept_with_its_state() -> None:
    """However many there are; candidates and blocks are not."""
    claims = tuple(
        Claim(id=f"c{n}", metric="m", printed="1", value=1.0, quote="1", block="b", state="verified")
        for n in range(500)
    )
    paper = PaperSummary(id="p", uri="p.pdf", form="pdf", title="T", files=("p.pdf",))
    notes = paper_notes(PaperReport(paper=paper, scope=("code-1",), claims=claims, assumptions=("a",)))
    assert [claim["state"] for claim in notes["claims"]] == ["verified"] * 500
    assert notes["paper"] == {
        "id": "p",
        "uri": "p.pdf",
        "form": "pdf",
        "title": "T",
        "authors": [],
        "files": ["p.pdf"],
        "lost": [],
        "pages": 0,
        "scope": ["code-1"],
        "config": [],
        "assumptions": ["a"],
        "missing": [],
    }
    assert json.dumps(notes)
