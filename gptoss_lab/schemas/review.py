"""Findings of the checks, and the provenance that a cell carries."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.execution import CellVerification, RunStatus

Severity = Literal["error", "warning", "info"]
ReviewState = Literal["pending", "accepted", "rejected"]
GeneratorName = Literal["model", "examples"]


class Finding(Wire):
    """What a check says of one cell. `line` counts from 1 within the cell; 0 is the whole cell."""

    check: Literal["syntax", "names", "api", "packages", "policy", "docs", "output"]
    severity: Severity
    cell: str
    line: int = Field(default=0, ge=0)
    symbol: str = ""
    message: str
    suggestions: tuple[str, ...] = ()


class VerificationNote(Wire):
    """The part of a verification that fits in a cell's metadata."""

    status: RunStatus | Literal["off", "pending"]
    duration_s: float = 0.0
    peak_memory_bytes: int | None = None
    runtime: str = "none"
    image: str = ""
    error: str = ""

    @classmethod
    def of(cls, run: CellVerification) -> VerificationNote:
        """Keep what a reader of the notebook needs; outputs live on the cell itself."""
        return cls(
            status=run.status,
            duration_s=run.duration_s,
            peak_memory_bytes=run.peak_memory_bytes,
            runtime=run.runtime,
            image=run.image,
            error=run.error,
        )


class CellProvenance(Wire):
    """The value of a cell's `gptoss_lab` metadata.

    `original` is the text the cell replaces: empty for a new cell.
    """

    review: ReviewState
    original: str = ""
    job: str
    cell: str
    generator: GeneratorName
    model: str = ""
    sources: tuple[Citation, ...] = ()
    checks: tuple[Finding, ...] = ()
    verification: VerificationNote = VerificationNote(status="off")
