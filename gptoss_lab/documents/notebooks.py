"""Jupyter notebooks as blocks; outputs are not read."""

from __future__ import annotations

import json
from typing import Any

from gptoss_lab.documents.blocks import Block, Page
from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.documents.markdown import read_markdown
from gptoss_lab.errors import DocumentError


def read_notebook(text: str, *, name: str) -> Page:
    """Parse a notebook of format 3 or 4.

    Source: https://nbformat.readthedocs.io/en/latest/format_description.html

    Raises:
        DocumentError: It is not a notebook.
    """
    try:
        values: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DocumentError(f"{name} is not a notebook: it is not valid JSON") from error
    cells = _cells(values)
    if cells is None:
        raise DocumentError(f"{name} is not a notebook: it has no cells")
    language = _language(values)
    blocks: list[Block] = []
    for cell in cells:
        source = _source(cell)
        if cell.get("cell_type") == "markdown":
            blocks += read_markdown(source, fallback_title="").blocks
        elif cell.get("cell_type") == "heading":
            blocks.append(Block("heading", source.strip(), level=int(cell.get("level", 1))))
        elif cell.get("cell_type") == "code" and source.strip():
            blocks.append(Block("code", strip_invisible(source).strip("\n"), language=language))
    title = next((block.text for block in blocks if block.kind == "heading"), name.rpartition("/")[2])
    return Page(title, blocks)


def _cells(values: Any) -> list[dict[str, Any]] | None:
    if not isinstance(values, dict):
        return None
    cells = values.get("cells")
    if cells is None and isinstance(values.get("worksheets"), list):
        sheets = [sheet for sheet in values["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", [])]
    if not isinstance(cells, list):
        return None
    return [cell for cell in cells if isinstance(cell, dict)]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _language(values: dict[str, Any]) -> str:
    metadata = values.get("metadata")
    found = ""
    if isinstance(metadata, dict):
        for key, inner in (("kernelspec", "language"), ("language_info", "name")):
            part = metadata.get(key)
            if isinstance(part, dict) and isinstance(part.get(inner), str):
                found = found or part[inner]
    return (found or "python").lower()
