"""What a notebook's `gptoss_lab` metadata say of the paper that its cells implement."""

from __future__ import annotations

from typing import Any

from gptoss_lab.schemas.papers import PaperReport

_ABOUT = {"id", "uri", "form", "title", "authors", "files", "lost", "pages"}


def paper_notes(report: PaperReport) -> dict[str, Any]:
    """Return the paper, its requirements and all of its claims, each with its state."""
    told = report.model_dump(mode="json")
    about = report.paper.model_dump(mode="json", include=_ABOUT)
    more = {key: told[key] for key in ("scope", "config", "assumptions", "missing")}
    return {"paper": {**about, **more}, "units": told["units"], "claims": told["claims"]}
