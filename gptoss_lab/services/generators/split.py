"""Cuts an example into cells: imports and data first, then the use, so that results are seen."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence

MIN_STATEMENTS = 3
MAX_CELLS = 3
# Calls for their effect: what they return is nothing to look at.
_EFFECTS = frozenset({
    "add",
    "append",
    "axis",
    "extend",
    "filterwarnings",
    "print",
    "seed",
    "set",
    "set_option",
    "simplefilter",
    "update",
    "use",
})


def split(code: str, subject: str = "") -> list[str]:
    """Return the cells of an example; a short one, or one that does not parse, stays whole.

    Args:
        code: The example, complete.
        subject: The name that the example is about; preparation ends where it is used.
    """
    text = code.strip("\n")
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return [text]
    if len([node for node in body if not _is_import(node)]) < MIN_STATEMENTS:
        return [text]
    cuts = _cuts(body, subject)
    lines = text.split("\n")
    starts = [0, *(_start(body, cut, lines) for cut in cuts), len(lines)]
    parts = ["\n".join(lines[a:b]).strip("\n") for a, b in itertools.pairwise(starts)]
    return [part for part in parts if part.strip()]


def _cuts(body: Sequence[ast.stmt], subject: str) -> list[int]:
    """Return the statements that begin a new cell."""
    first = _end_of_preparation(body, subject)
    shown = [place + 1 for place, node in enumerate(body[:-1]) if place >= first and _shows(node)]
    cuts = sorted({cut for cut in (first, *shown) if 0 < cut < len(body)})
    return cuts if len(cuts) < MAX_CELLS else [cuts[0], cuts[-1]]


def _end_of_preparation(body: Sequence[ast.stmt], subject: str) -> int:
    name = subject.rsplit(".", maxsplit=1)[-1]
    has_data = False
    for place, node in enumerate(body):
        if _is_import(node):
            continue
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or (has_data and _uses(node, name)):
            return place if has_data else 0
        has_data = True
    return 0


def _shows(node: ast.stmt) -> bool:
    """Say whether a notebook would show the value of this statement if it ended a cell."""
    if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant):
        return False
    called = node.value.func if isinstance(node.value, ast.Call) else None
    name = getattr(called, "attr", None) or getattr(called, "id", None)
    return name not in _EFFECTS


def _uses(node: ast.AST, name: str) -> bool:
    return any(name in {getattr(part, "id", None), getattr(part, "attr", None)} for part in ast.walk(node))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _start(body: Sequence[ast.stmt], place: int, lines: Sequence[str]) -> int:
    """Return the first line of a statement with the comments that stand over it."""
    node = body[place]
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    line = min([node.lineno, *(part.lineno for part in decorators)]) - 1
    floor = body[place - 1].end_lineno or 0
    while line > floor and (not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#")):
        line -= 1
    return line
