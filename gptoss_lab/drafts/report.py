"""What was generated in a notebook, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gptoss_lab.drafts.report_reading import KEY, read_environments, read_provenance, read_removed
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.execution import Environment
from gptoss_lab.schemas.review import CellProvenance, RemovedCell, ReviewState

Outcome = Literal["pending", "accepted", "edited", "rejected"]
MAX_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class ReportCell:
    """A generated cell.

    Attributes:
        place: Its number in the notebook, from 1; 0 where it has gone.
        kind: Its type in the notebook; empty where it has gone.
        edited_since: Whether its text is another than the accepted one; None where that is not known.
    """

    place: int
    kind: str
    provenance: CellProvenance
    edited_since: bool | None = None

    @property
    def outcome(self) -> Outcome:
        """How its review ended, or that it has not."""
        if self.provenance.review != "accepted":
            return self.provenance.review
        record = self.provenance.record
        return record.verdict if record is not None and record.verdict != "rejected" else "accepted"

    @property
    def changed_share(self) -> float | None:
        """Return how much of it was changed before it was accepted, 0 to 1; None where not measured."""
        record = self.provenance.record
        if self.outcome not in {"accepted", "edited"} or record is None or record.edit_distance is None:
            return None
        longer = max(record.generated_chars, record.kept_chars)
        return min(1.0, record.edit_distance / longer) if longer else 0.0


@dataclass(frozen=True, slots=True)
class ReportGeneration:
    """The cells of one job, those that have gone last."""

    job: str
    cells: tuple[ReportCell, ...]

    @property
    def origin(self) -> CellProvenance:
        """The provenance that says most of where the cells come from: a rejected change has forgotten it."""
        return max((cell.provenance for cell in self.cells), key=lambda one: len(one.task))

    @property
    def sources(self) -> tuple[Citation, ...]:
        """What its cells cite, each once."""
        return tuple(dict.fromkeys(source for cell in self.cells for source in cell.provenance.sources))


@dataclass(frozen=True, slots=True)
class Report:
    """All generations of a notebook.

    Attributes:
        code_lines: Lines of code that are not empty, in the whole notebook.
        generated_lines: Those in generated cells that were accepted.
    """

    name: str
    generations: tuple[ReportGeneration, ...]
    environments: tuple[Environment, ...]
    code_lines: int
    generated_lines: int

    @property
    def cells(self) -> tuple[ReportCell, ...]:
        """The cells of all generations."""
        return tuple(cell for generation in self.generations for cell in generation.cells)

    def count(self, outcome: Outcome) -> int:
        """Return how many cells have an outcome."""
        return sum(cell.outcome == outcome for cell in self.cells)


def read_report(notebook: Any, name: str) -> Report:
    """Return the report of a notebook as its JSON says it.

    Args:
        notebook: The notebook, read from JSON; nothing in it is trusted.
        name: What the notebook is called.

    Raises:
        RequestError: This is no notebook of format 4.
    """
    rows = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RequestError(f"{name[:200]} is no notebook of format 4", hint="Save it with JupyterLab first.")
    here = [cell for place, row in enumerate(rows[:MAX_CELLS], 1) if (cell := _cell(place, row)) is not None]
    metadata = notebook.get("metadata")
    kept = {cell.place for cell in here if cell.outcome in {"accepted", "edited"}}
    lines = {place: _code_lines(row) for place, row in enumerate(rows, 1)}
    return Report(
        name=name,
        generations=_generations([*here, *_gone(read_removed(metadata), here)]),
        environments=tuple(read_environments(metadata)),
        code_lines=sum(lines.values()),
        generated_lines=sum(lines[place] for place in kept),
    )


def _cell(place: int, row: Mapping[str, Any]) -> ReportCell | None:
    metadata = row.get("metadata")
    if not isinstance(metadata, dict) or KEY not in metadata:
        return None
    provenance = read_provenance(metadata)
    if provenance is None:
        return None
    record = provenance.record
    accepted = record.kept_sha256 if record is not None and provenance.review == "accepted" else ""
    since = _hash(_source(row)) != accepted if accepted else None
    return ReportCell(place, str(row.get("cell_type", "")), provenance, since)


def _gone(removed: Iterable[RemovedCell], here: Sequence[ReportCell]) -> Iterable[ReportCell]:
    """Yield the cells that have gone; what an undo has brought back has not."""
    back = {(cell.provenance.job, cell.provenance.cell) for cell in here}
    for cell in removed:
        if (cell.job, cell.cell) not in back:
            fields = {name: getattr(cell, name) for name in type(cell).model_fields}
            review: ReviewState = "rejected" if cell.record.verdict == "rejected" else "accepted"
            yield ReportCell(0, "", CellProvenance(review=review, **fields))


def _generations(cells: Iterable[ReportCell]) -> tuple[ReportGeneration, ...]:
    jobs: dict[str, list[ReportCell]] = {}
    for cell in cells:
        jobs.setdefault(cell.provenance.job, []).append(cell)
    return tuple(ReportGeneration(job, tuple(found)) for job, found in jobs.items())


def _source(row: Mapping[str, Any]) -> str:
    source = row.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _code_lines(row: Mapping[str, Any]) -> int:
    if row.get("cell_type") != "code":
        return 0
    return sum(bool(line.strip()) for line in _source(row).splitlines())


def _hash(text: str) -> str:
    # As the page does it, where half of a pair of surrogates is a replacement character.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return hashlib.sha256(whole.encode()).hexdigest()
