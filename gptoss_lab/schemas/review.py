"""Findings of the checks, and the provenance that a cell carries."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Language, Wire
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.execution import CellVerification, RunStatus

Severity = Literal["error", "warning", "info"]
ReviewState = Literal["pending", "accepted", "rejected"]
GeneratorName = Literal["model", "examples"]
Change = Literal["new", "changed", "deleted"]
Verdict = Literal["accepted", "edited", "rejected"]

MAX_DECISIONS = 200
MAX_REMOVED = 200


class PackageNeed(Wire):
    """A package that a cell needs and the sandbox lacks.

    Attributes:
        name: What it is added by: the distribution of Python, R's own name of R's.
        addable: A person may have it added by one word.
        reason: Why it is not offered; empty where it is.
    """

    name: str
    language: Language
    addable: bool = False
    reason: str = ""


class Finding(Wire):
    """What a check says of one cell. `line` counts from 1 within the cell; 0 is the whole cell.

    Attributes:
        suggestions: Names to use instead, the nearest first.
        evidence: What the installed package or the documentation says: signatures of what was found and of
            what is suggested, each with the first line of its description.
        need: The package that is missing, where that is what is wrong.
    """

    check: Literal["syntax", "names", "api", "packages", "policy", "docs", "output"]
    severity: Severity
    cell: str
    line: int = Field(default=0, ge=0)
    symbol: str = ""
    message: str
    suggestions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    need: PackageNeed | None = None


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


class Decision(Wire):
    """What a person said of a hunk, a cell or a whole generation, and when (ISO 8601, UTC).

    `lines` counts the lines that it was about.
    """

    at: str
    by: str = ""
    scope: Literal["hunk", "cell", "generation"]
    verdict: Literal["accepted", "rejected"]
    lines: int = Field(default=0, ge=0)


class ReviewRecord(Wire):
    """How the review of a cell ended.

    Attributes:
        edit_distance: From the generated text to the kept one, in characters inserted, removed or
            replaced; None where the two are too long and too different to be measured at once.
        kept_sha256: Of the kept text in UTF-8, so that a later edit is seen; empty where it was not taken.
    """

    verdict: Verdict
    at: str
    by: str = ""
    generated_chars: int = Field(default=0, ge=0)
    kept_chars: int = Field(default=0, ge=0)
    edit_distance: int | None = Field(default=None, ge=0)
    kept_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")


class CellProvenance(Wire):
    """The value of a cell's `gptoss_lab` metadata.

    Attributes:
        review: Whether it waits, or what was decided.
        change: Whether the cell is new, has a new text, or is to go.
        original: The text that the rest is compared with: the one that the cell replaces, with the
            hunks that were accepted since; empty for a new cell.
        generated: The text as it was generated, while it waits for review.
        job: The job that made it.
        cell: Its id within the job.
        task: What was asked for.
        generator: Who wrote it: a model, or the documentation's examples.
        model: The model's name; empty without one.
        seed: What a replay needs for the same cell; None where none was drawn.
        templates: The version of the templates that its prompt was made by; empty without a model.
        raw: What a raw cell becomes when it is accepted; empty for a cell of its own type.
        language: The language of a cell that is not in the notebook's own.
        decisions: What was said of it, oldest first.
        record: How its review ended; None while it waits.
        sources: Where it comes from.
        units: The requirements of a paper that it implements.
        checks: What the checks say of it.
        verification: How it ran in the sandbox.
    """

    review: ReviewState
    change: Change = "new"
    original: str = ""
    generated: str = ""
    job: str
    cell: str
    task: str = ""
    generator: GeneratorName
    model: str = ""
    seed: int | None = None
    templates: str = ""
    raw: Literal["", "code", "markdown"] = ""
    language: Language | Literal[""] = ""
    decisions: tuple[Decision, ...] = Field(default=(), max_length=MAX_DECISIONS)
    record: ReviewRecord | None = None
    sources: tuple[Citation, ...] = ()
    units: tuple[str, ...] = ()
    checks: tuple[Finding, ...] = ()
    verification: VerificationNote = VerificationNote(status="off")


class RemovedCell(Wire):
    """What a notebook's `gptoss_lab.removed` keeps of a cell that a decision took out of it: not its text.

    A new cell goes when it is rejected, one of the person's own when its deletion is accepted.
    """

    job: str
    cell: str
    task: str = ""
    generator: GeneratorName
    model: str = ""
    seed: int | None = None
    change: Change = "new"
    language: Language | Literal[""] = ""
    record: ReviewRecord
