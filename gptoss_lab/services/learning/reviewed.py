"""One generation as its review left it: what was kept of it, and what was generated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gptoss_lab.drafts.report import Outcome, Report, ReportCell, ReportGeneration, read_report
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.generation import CellKind, GeneratedCell
from gptoss_lab.schemas.review import CellProvenance

OUTCOMES: tuple[Outcome, ...] = ("accepted", "edited", "rejected")
Skipped = Literal["pending", "change_of_a_cell", "no_task", "no_job"]


@dataclass(frozen=True, slots=True)
class Part:
    """A cell of an answer."""

    kind: CellKind
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the store of jobs still has of a generation."""

    task: str
    created_at: str
    cells: Sequence[GeneratedCell]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A generation whose review has ended.

    Attributes:
        notebook: Which notebook it is in, as the dataset names it.
        kept: What the person has now; empty where all was rejected.
        generated: What was generated; empty where nobody knows any more.
        verdicts: How many cells ended how.
        packages: What its cells ran with, as `name==version`.
    """

    notebook: str
    job: str
    task: str
    language: Language
    origin: CellProvenance
    created_at: str
    kept: tuple[Part, ...]
    generated: tuple[Part, ...]
    verdicts: Mapping[Outcome, int]
    sources: tuple[Citation, ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    """What one notebook gave."""

    generations: list[Reviewed] = field(default_factory=list)
    skipped: dict[Skipped, int] = field(default_factory=dict)

    def skip(self, reason: Skipped, cells: int) -> None:
        """Count cells that are of no use."""
        self.skipped[reason] = self.skipped.get(reason, 0) + cells


def jobs_of(notebook: Any, name: str) -> list[str]:
    """Return the jobs that a notebook names.

    Raises:
        RequestError: This is no notebook of format 4.
    """
    return [generation.job for generation in read_report(notebook, name).generations if generation.job]


def read_reviewed(notebook: Any, name: str, known: Mapping[str, Known]) -> Reading:
    """Return the generations of a notebook whose review has ended.

    A change of a cell that was there is left out: what it was asked for stands in cells of the person's own.

    Args:
        notebook: Read from JSON; nothing in it is trusted.
        name: As the dataset names it.
        known: What the store has of its jobs.

    Raises:
        RequestError: This is no notebook of format 4.
    """
    report, reading = read_report(notebook, name), Reading()
    rows: list[dict[str, Any]] = notebook["cells"]
    language = _language(notebook)
    for generation in report.generations:
        found = _reviewed(generation, rows, report, language, known.get(generation.job), reading)
        if found is not None:
            reading.generations.append(found)
    return reading


def _reviewed(
    generation: ReportGeneration,
    rows: Sequence[dict[str, Any]],
    report: Report,
    language: Language,
    known: Known | None,
    reading: Reading,
) -> Reviewed | None:
    origin, cells = generation.origin, generation.cells
    task = origin.task.strip() or (known.task.strip() if known else "")
    pending = sum(cell.outcome == "pending" for cell in cells)
    reason: Skipped | None = None
    if not generation.job:
        reason = "no_job"
    elif pending:
        reason = "pending"
    elif any(cell.provenance.change != "new" for cell in cells):
        reason = "change_of_a_cell"
    elif not task:
        reason = "no_task"
    if reason is not None:
        reading.skip(reason, len(cells))
        return None
    own: Language = next((said for cell in cells if (said := cell.provenance.language)), language)
    kept = tuple(_part(cell, rows, own) for cell in cells if cell.place and cell.outcome != "rejected")
    return Reviewed(
        notebook=report.name,
        job=generation.job,
        task=task,
        language=own,
        origin=origin,
        created_at=known.created_at if known else "",
        kept=tuple(part for part in kept if part.text.strip()),
        generated=tuple(_generated(known.cells)) if known else (),
        verdicts={outcome: sum(_outcome(cell) == outcome for cell in cells) for outcome in OUTCOMES},
        sources=generation.sources,
        packages=_packages(report),
    )


def _outcome(cell: ReportCell) -> Outcome:
    """Return how the review ended; a cell that was changed later is an edited one."""
    return "edited" if cell.outcome == "accepted" and cell.edited_since else cell.outcome


def _part(cell: ReportCell, rows: Sequence[dict[str, Any]], language: Language) -> Part:
    source = rows[cell.place - 1].get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    kind: CellKind = "code" if cell.kind == "code" else "markdown"
    return Part(kind, cell.provenance.language or language, text)


def _generated(cells: Iterable[GeneratedCell]) -> Iterable[Part]:
    for cell in cells:
        if cell.source.strip() and cell.change == "new":
            yield Part(cell.kind, cell.language, cell.source)


def _packages(report: Report) -> tuple[str, ...]:
    merged = {name: version for one in report.environments for name, version in one.packages.items()}
    return tuple(f"{name}=={version}" for name, version in sorted(merged.items()))


def _language(notebook: Any) -> Language:
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = str(kernel.get("language", "")) if isinstance(kernel, dict) else ""
    return "r" if name.lower() == "r" else "python"
