"""Is the cell Python at all?"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator

from gptoss_lab.checks.cells import Cell, plain_python
from gptoss_lab.schemas.review import Finding


def check_syntax(cells: Iterable[Cell]) -> Iterator[Finding]:
    """Report the first syntax error of each cell. Magics and top-level `await` are fine."""
    for cell in cells:
        finding = _syntax_error(cell)
        if finding is not None:
            yield finding


def _syntax_error(cell: Cell) -> Finding | None:
    source = plain_python(cell.source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return _finding(cell, error.lineno or 0, f"This is not valid Python: {error.msg}.")
    except ValueError as error:
        return _finding(cell, 0, f"This is not valid Python: {error}.")
    except (RecursionError, MemoryError):
        return _finding(cell, 0, "This cell is nested too deeply to be read.")
    return None


def _finding(cell: Cell, line: int, message: str) -> Finding:
    return Finding(check="syntax", severity="error", cell=cell.id, line=max(0, line), message=message)
