"""R cells: nothing is checked yet, and the person is told so."""

from __future__ import annotations

from collections.abc import Iterable

from gptoss_lab.checks.cells import Cell
from gptoss_lab.schemas.review import Finding


def check_r(cells: Iterable[Cell]) -> list[Finding]:
    """Say once, on the first cell, that R cells are not checked before they run."""
    first = next(iter(cells), None)
    if first is None:
        return []
    message = "R cells are not checked before they run yet; read them with care."
    return [Finding(check="syntax", severity="info", cell=first.id, message=message)]
