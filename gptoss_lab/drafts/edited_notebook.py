"""Put the changes of an edit into a notebook, each waiting for review."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import nbformat
from pydantic import ValidationError

from gptoss_lab.drafts.notebook import provenance, valid_outputs
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell
from gptoss_lab.schemas.review import CellProvenance

KEY = "gptoss_lab"


def with_changes(
    notebook: dict[str, Any], response: CodeGenerationResponse, edited: Sequence[str], language: Language
) -> dict[str, Any]:
    """Return the notebook with the cells of a generation in it, pending; the given one stays as it is.

    Args:
        notebook: A valid notebook of format 4.5.
        response: The edit.
        edited: The ids of the cells that it was about, in the order of the notebook.
        language: The notebook's own language.
    """
    changed = copy.deepcopy(notebook)
    cells: list[dict[str, Any]] = changed["cells"]
    below = max(place for place, cell in enumerate(cells) if cell["id"] in set(edited)) + 1
    by_target = {cell.target: cell for cell in response.cells if cell.target}
    new = [_new_cell(cell, response, language) for cell in response.cells if not cell.target]
    rows = [row for cell in cells[:below] for row in _row(cell, by_target.get(cell["id"]), response)]
    changed["cells"] = [*rows, *new, *cells[below:]]
    nbformat.validate(changed)
    return changed


def waiting(cell: dict[str, Any]) -> CellProvenance | None:
    """Return what a cell that waits for review says of itself; None for another, or for nonsense."""
    try:
        known = CellProvenance.model_validate(cell["metadata"].get(KEY))
    except ValidationError:
        return None
    return known if known.review == "pending" else None


def _row(
    cell: dict[str, Any], answer: GeneratedCell | None, response: CodeGenerationResponse
) -> list[dict[str, Any]]:
    if answer is None:
        return [cell]
    before = waiting(cell)
    is_new = before is not None and before.change == "new"
    if answer.change == "deleted" and is_new:
        return []  # nobody has accepted it, so that nobody must let it go
    said = provenance(answer, response, "pending").model_dump(mode="json")
    said["change"] = "new" if is_new else answer.change
    said["original"] = cell["source"] if before is None else before.original
    if before is not None:
        said["decisions"] = [decision.model_dump(mode="json") for decision in before.decisions]
        said["language"] = before.language
    source = said["original"] if answer.change == "deleted" else answer.source
    return [{**cell, "source": source, "metadata": {**cell["metadata"], KEY: said}}]


def _new_cell(cell: GeneratedCell, response: CodeGenerationResponse, language: Language) -> dict[str, Any]:
    said = provenance(cell, response, "pending").model_dump(mode="json")
    said["language"] = cell.language if cell.kind == "code" and cell.language != language else ""
    row: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": {KEY: said},
        "source": cell.source,
    }
    if cell.kind == "code":
        run = cell.verification
        row["execution_count"] = run.execution_count if run else None
        row["outputs"] = valid_outputs(run) if run else []
    return row
