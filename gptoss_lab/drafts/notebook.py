"""Write a generation as a notebook (nbformat 4.5).

Source: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

from typing import Any

import nbformat

from gptoss_lab.drafts.paper_notes import paper_notes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell
from gptoss_lab.schemas.review import CellProvenance, ReviewState, VerificationNote

_DEFAULT_KERNEL: dict[Language, str] = {"python": "python3", "r": "ir"}
_DISPLAY_NAMES = {
    "python3": "Python 3 (ipykernel)",
    "gptoss-python": "Python 3 (sandbox, no network)",
    "ir": "R",
    "gptoss-r": "R (sandbox, no network)",
}
_MAX_TASK_CHARS = 500
_LANGUAGE_INFO: dict[Language, dict[str, str]] = {
    "python": {
        "name": "python",
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "pygments_lexer": "ipython3",
    },
    "r": {"name": "R", "file_extension": ".r", "mimetype": "text/x-r-source", "pygments_lexer": "r"},
}


def to_notebook(response: CodeGenerationResponse, *, kernel: str, review: ReviewState) -> dict[str, Any]:
    """Return the cells of a generation as a valid notebook.

    Outputs and execution counts are those of the verification. An output that is not valid
    nbformat falls away, so that one bad message of a kernel does not cost the whole notebook.

    Args:
        response: The generation; it may still be running.
        kernel: The kernelspec to name; the usual one of the language when empty.
        review: What the cells' metadata say of the person's decision.
    """
    notebook = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                **notebook_metadata(response.language, kernel),
                "gptoss_lab": _origin(response),
            },
            "cells": [_cell(cell, response, review) for cell in response.cells],
        }
    )
    nbformat.validate(notebook)
    result: dict[str, Any] = notebook
    return result


def notebook_metadata(language: Language, kernel: str) -> dict[str, Any]:
    """Return what a notebook says of its kernel: the usual one of the language when not named."""
    name = kernel or _DEFAULT_KERNEL[language]
    return {
        "kernelspec": {
            "name": name,
            "display_name": _DISPLAY_NAMES.get(name, name),
            "language": "R" if language == "r" else "python",
        },
        "language_info": _LANGUAGE_INFO[language],
    }


def valid_outputs(run: CellVerification) -> list[dict[str, Any]]:
    """Return the outputs of a cell that are valid nbformat."""
    return [output for output in run.outputs if _is_valid(output)]


def _origin(response: CodeGenerationResponse) -> dict[str, Any]:
    """Return who made the notebook, and what its cells ran in: once, for the cells name it by its id."""
    origin: dict[str, Any] = {
        "job": response.job,
        "generator": response.generator,
        "model": response.model,
    }
    if response.paper is not None:
        origin.update(paper_notes(response.paper))
    ran_in = response.environment
    return {**origin, "environments": {ran_in.image: ran_in.model_dump(mode="json")}} if ran_in else origin


def provenance(cell: GeneratedCell, response: CodeGenerationResponse, review: ReviewState) -> CellProvenance:
    """Return what a cell's `gptoss_lab` metadata say of its origin and its checks."""
    run = cell.verification
    waits = review == "pending" and cell.change != "deleted"
    return CellProvenance(
        review=review,
        change=cell.change,
        generated=cell.source if waits else "",
        job=response.job,
        cell=cell.id,
        task=response.task[:_MAX_TASK_CHARS],
        seed=response.seed,
        templates=response.templates,
        generator=response.generator or "examples",
        model=response.model,
        sources=cell.sources,
        units=cell.units,
        checks=cell.findings,
        verification=VerificationNote.of(run) if run else VerificationNote(status="off"),
    )


def _cell(cell: GeneratedCell, response: CodeGenerationResponse, review: ReviewState) -> dict[str, Any]:
    row: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": {"gptoss_lab": provenance(cell, response, review).model_dump(mode="json")},
        "source": cell.source,
    }
    if cell.kind == "code":
        run = cell.verification
        row["execution_count"] = run.execution_count if run else None
        row["outputs"] = valid_outputs(run) if run else []
    return row


def _is_valid(output: dict[str, Any]) -> bool:
    try:
        nbformat.validate(output, ref="output", version=4, version_minor=5)
    except nbformat.ValidationError:
        return False
    return True
