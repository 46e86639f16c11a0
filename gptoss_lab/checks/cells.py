"""Notebook cells as Python text: magics blanked, lines kept in place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "pypy", "debug"})
NAME_MAGICS = frozenset({"run", "pylab", "store", "load", "loadpy", "reset", "reload_ext", "macro", "edit"})
_ASSIGNED_MAGIC = re.compile(r"^(\s*[A-Za-z_][\w, ]*=\s*)[%!].*$")
_LINE_MAGIC = re.compile(r"^(\s*)(?:%|!|\?(?!\?*$)|\?+$)")
_HELP = re.compile(r"^\s*[\w.]+\?{1,2}\s*$")
_MAGIC_NAME = re.compile(r"^\s*(?:[A-Za-z_][\w, ]*=\s*)?%{1,2}(\w+)")


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell to check."""

    id: str
    source: str


def cell_magic(source: str) -> str:
    """Return the name of the cell magic (`%%name`), empty when there is none."""
    first = source.lstrip("\n").split("\n", 1)[0]
    match = _MAGIC_NAME.match(first) if first.startswith("%%") else None
    return match.group(1) if match else ""


def magic_names(source: str) -> set[str]:
    """Return the names of the magics that a cell uses."""
    return {match.group(1) for line in source.split("\n") if (match := _MAGIC_NAME.match(line))}


def plain_python(source: str) -> str:
    """Blank magics, shell lines and help requests so that what is left is Python.

    A cell in another language (`%%bash`, `%%html`) becomes empty. Line numbers stay, and a line
    inside a string stays as it is.

    Source: https://ipython.readthedocs.io/en/stable/interactive/magics.html
    """
    magic = cell_magic(source)
    if magic and magic not in PYTHON_CELL_MAGICS:
        return "\n" * source.count("\n")
    if _parses(source):
        return source
    lines = source.split("\n")
    return "\n".join(_blank(line) for line in lines)


def parse(source: str) -> ast.Module | None:
    """Parse a cell after its magics are blanked; None when it is not Python."""
    try:
        return ast.parse(plain_python(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _blank(line: str) -> str:
    assigned = _ASSIGNED_MAGIC.match(line)
    if assigned:
        return f"{assigned.group(1)}None"
    magic = _LINE_MAGIC.match(line)
    if magic:
        return f"{magic.group(1)}pass"
    return "" if _HELP.match(line) else line


def line_counts(cells: Iterable[Cell]) -> dict[str, int]:
    """Return how many lines each cell has, by its id."""
    return {cell.id: cell.source.count("\n") + 1 for cell in cells}
