"""The names that a notebook defines, and errors that only say that the sandbox lacks them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import iskeyword

from gptoss_lab.checks.names import defined_names
from gptoss_lab.schemas.base import Language
from gptoss_lab.services.pipeline.run import Run

_MISSING_NAME = re.compile(r"NameError: name '(\w+)' is not defined|object '([\w.]+)' not found")
_R_ASSIGNED = re.compile(r"(?m)^\s*([A-Za-z.][\w.]*)\s*(?:<<?-|=(?!=))|->\s*([A-Za-z.][\w.]*)\s*$")


def notebook_names(run: Run) -> set[str]:
    """Return the names that the notebook's cells define, in whichever language they are written."""
    cells = [*run.request.context.cells, *_ported(run)]
    if _notebook_language(run) == "r":
        return {name for cell in cells for name in _assigned_in_r(cell)}
    return defined_names(cells)


def lacks_notebook(error: str, known: set[str]) -> bool:
    """Say whether a cell failed only because the sandbox does not hold the notebook's variables."""
    match = _MISSING_NAME.search(error)
    return match is not None and (match[1] or match[2]) in known


def stand_ins(run: Run) -> Sequence[str]:
    """Return code that defines the notebook's names for the check of a port, which has none of its cells."""
    edit = run.request.edit
    if edit is None or edit.kind != "port":
        return ()
    names = [name for name in sorted(notebook_names(run)) if name.isidentifier() and not iskeyword(name)]
    return ["\n".join(f"{name} = None" for name in names)]


def _notebook_language(run: Run) -> Language:
    edit = run.request.edit
    is_port = edit is not None and edit.kind == "port"
    return edit.cells[0].language if edit is not None and is_port else run.request.language


def _ported(run: Run) -> list[str]:
    edit = run.request.edit
    return [cell.source for cell in edit.cells] if edit is not None and edit.kind == "port" else []


def _assigned_in_r(cell: str) -> set[str]:
    return {left or right for left, right in _R_ASSIGNED.findall(cell)}
