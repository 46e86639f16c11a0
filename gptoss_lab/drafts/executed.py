"""Notebooks that are executed: their code out, their outputs in.

Source: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nbformat

from gptoss_lab.drafts.notebook import notebook_metadata, valid_outputs
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.runs import ExecutionResponse


class NotNotebookError(ValueError):
    """The text is not a notebook that can be read."""


def read_notebook(text: str) -> dict[str, Any]:
    """Read a notebook of any version as one of version 4.

    Raises:
        NotNotebookError: It is none.
    """
    try:
        read: dict[str, Any] = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(read)
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise NotNotebookError(str(error).split("\n", 1)[0]) from error
    return read


def code_of(notebook: dict[str, Any]) -> list[str]:
    """Return the sources of the code cells, in order."""
    return [str(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def language_of(notebook: dict[str, Any]) -> Language:
    """Return the language that a notebook names; Python where it names none."""
    metadata = notebook.get("metadata", {})
    named = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name")
    return "r" if str(named).lower() == "r" else "python"


def new_notebook(cells: Sequence[str], language: Language, kernel: str) -> dict[str, Any]:
    """Return a notebook of code cells that were not executed."""
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    rows = [{**empty, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)]
    made: dict[str, Any] = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": notebook_metadata(language, kernel),
            "cells": rows,
        }
    )
    return made


def with_outputs(notebook: dict[str, Any], response: ExecutionResponse) -> dict[str, Any]:
    """Put the outputs of an execution into the notebook's code cells; those that did not run are empty.

    The notebook's metadata say what it ran in, so that it can be run in the same again.
    """
    rows = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for row in rows:
        row["outputs"], row["execution_count"] = [], None
    for row, run in zip(rows, response.cells, strict=False):
        outputs = [nbformat.from_dict(output) for output in valid_outputs(run)]  # type: ignore[no-untyped-call]
        row["outputs"], row["execution_count"] = outputs, run.execution_count
    ran = {"status": response.status, "runtime": response.runtime, "image": response.image}
    notebook["metadata"]["gptoss_lab"] = {"execution": ran}
    return notebook
