"""What operators and indexing give."""

from __future__ import annotations

import ast
import inspect

from gptoss_lab.checks.agent.library import resolve
from gptoss_lab.checks.agent.promises import returned
from gptoss_lab.checks.agent.values import Instance, Row, Value, classes_of

# What a table or an array gives back when it is indexed or computed with.
ITEMS = {"pandas.DataFrame": ("pandas.DataFrame", "pandas.Series")}
TABLES = ("pandas.DataFrame", "pandas.Series")
_SEQUENCES = (str, bytes, list, tuple)


def path_of(cls: type) -> str:
    """Return a class as its users name it: package and name."""
    return f"{cls.__module__.split('.')[0]}.{cls.__qualname__}"


def items(owner: Value, index: ast.expr) -> Value:
    """Return what indexing gives, where that is known."""
    if isinstance(owner, Row):
        return _part(owner, index)
    if not isinstance(owner, Instance) or len(owner.classes) != 1:
        return None
    cls = owner.classes[0]
    sliced = path_of(cls) == "numpy.ndarray" and _has_slice(index)
    if cls is str or sliced or (cls in _SEQUENCES and isinstance(index, ast.Slice)):
        return owner
    if path_of(cls) in ITEMS:
        return instances(ITEMS[path_of(cls)])
    getter = getattr(cls, "__getitem__", None)
    return returned(getter, cls) if inspect.isfunction(getter) else None


def _has_slice(index: ast.expr) -> bool:
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(isinstance(part, ast.Slice) for part in parts)


def instances(paths: tuple[str, ...]) -> Value:
    """Return an object of one of these classes; None where one is not loaded."""
    found = tuple(resolve(path) for path in paths)
    return Instance(found) if found and all(inspect.isclass(item) for item in found) else None


def computed(left: Value, operator: ast.operator | ast.cmpop, right: Value) -> Value:
    """Return what an operator gives, where that is known."""
    first, second = classes_of(left), classes_of(right)
    tables = [path for path in TABLES if path in {path_of(cls) for cls in (*first, *second)}]
    if tables and all(path_of(cls) in TABLES for cls in first or second):
        # A series and a table give a table.
        return instances(TABLES if len(tables) > 1 or not (first and second) else (tables[0],))
    if isinstance(operator, ast.cmpop):
        return None
    if first == (str,) and isinstance(operator, ast.Mod):
        return left
    if len(first) == 1 and first == second and first[0] in _SEQUENCES and isinstance(operator, ast.Add):
        return Instance(first)
    if {path_of(cls) for cls in (*first, *second)} <= {"numpy.ndarray", "numpy.generic", *_NUMBERS}:
        return instances(("numpy.ndarray", "numpy.generic")) if _arrays(first, second) else None
    return None


_NUMBERS = ("builtins.int", "builtins.float", "builtins.complex", "builtins.bool")


def _arrays(first: tuple[type, ...], second: tuple[type, ...]) -> bool:
    return bool(first and second) and "numpy.ndarray" in {path_of(cls) for cls in (*first, *second)}


def _part(row: Row, index: ast.expr) -> Value:
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
        inner = index.operand
        number = -inner.value if isinstance(inner, ast.Constant) and isinstance(inner.value, int) else None
    else:
        number = index.value if isinstance(index, ast.Constant) and isinstance(index.value, int) else None
    return row.parts[number] if number is not None and -len(row.parts) <= number < len(row.parts) else None
