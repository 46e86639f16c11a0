"""A program's text as cells: those of the percent format, else all of it as one."""

from __future__ import annotations

import re

_MARKER = re.compile(r"(?m)^#[ \t]*%%(?P<title>[^\n]*)(?:\n|\Z)")
_NO_CODE = re.compile(r"\[(?:markdown|md|raw)\]")


def script_cells(text: str) -> list[str]:
    """Return the code cells in order; cells of prose fall away, and empty ones.

    Source: https://jupytext.readthedocs.io/en/latest/formats-scripts.html#the-percent-format
    """
    cells, start, is_code = [], 0, True
    for marker in _MARKER.finditer(text):
        if is_code:
            cells.append(text[start : marker.start()])
        start, is_code = marker.end(), _NO_CODE.search(marker["title"]) is None
    if is_code:
        cells.append(text[start:])
    return [cell.strip("\n").rstrip() for cell in cells if cell.strip()]
