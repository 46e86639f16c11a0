"""Whether a text is Python, as a notebook understands it."""

from __future__ import annotations

import ast
import re
import warnings

_MAX_CHARS = 200_000
_PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun"})
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*\n?")
_LINE_MAGIC = re.compile(r"(?m)^(?P<indent>[ \t]*)(?:[\w.,\[\] ]+=\s*)?(?:[%!][^\n=]|\?+\w)[^\n]*$")
_HELP = re.compile(r"(?m)^(?P<indent>[ \t]*)[\w.]+\?{1,2}[ \t]*$")
_BARE = (ast.Name, ast.Constant, ast.Tuple, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.Compare)


def parses(source: str) -> bool:
    """Tell whether a Python cell parses; magics and shell lines are allowed."""
    magic = _CELL_MAGIC.match(source)
    if magic and magic[1] not in _PYTHON_CELL_MAGICS:
        return True
    return tree_of(source) is not None


def tree_of(source: str) -> ast.Module | None:
    """Return the Python of a cell, without its magics and shell lines; None where it is not Python."""
    magic = _CELL_MAGIC.match(source)
    if magic and magic[1] not in _PYTHON_CELL_MAGICS:
        return None
    body = source[magic.end() :] if magic else source
    return _tree(body) or _tree(_without_magics(body))


def is_program(text: str) -> bool:
    """Tell whether a text is Python that does something, not prose that happens to parse."""
    tree = _tree(_without_magics(text))
    if tree is None:
        return False
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, _BARE)) for node in tree.body)


def _tree(source: str) -> ast.Module | None:
    if len(source) > _MAX_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a string is no syntax error
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _without_magics(source: str) -> str:
    return _HELP.sub(r"\g<indent>pass", _LINE_MAGIC.sub(r"\g<indent>pass", source))
