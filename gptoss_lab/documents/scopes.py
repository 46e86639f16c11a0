"""Which names a piece of Python reads, binds and changes; from its syntax alone."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Sequence
from dataclasses import dataclass

BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "display", "get_ipython"}
_MUTATORS = frozenset([
    "add",
    "add_subplot",
    "append",
    "clear",
    "compile",
    "config",
    "drop_duplicates",
    "extend",
    "fit",
    "fit_transform",
    "fit_predict",
    "fit_resample",
    "insert",
    "mkdir",
    "partial_fit",
    "pop",
    "register",
    "remove",
    "rename",
    "reset",
    "seed",
    "set_option",
    "set_params",
    "set_index",
    "shuffle",
    "sort",
    "sort_values",
    "sort_index",
    "update",
    "write",
])
_DRAWING = frozenset({"plt", "ax", "axes", "fig", "sns"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its own text and the names that it touches."""

    source: str
    node: ast.stmt
    reads: frozenset[str]
    binds: frozenset[str]
    changes: frozenset[str]

    @property
    def is_import(self) -> bool:
        """Whether it only imports."""
        return isinstance(self.node, (ast.Import, ast.ImportFrom))


def statements(code: str) -> list[Statement]:
    """Split code into its top-level statements, with the comments that stand before each.

    Raises:
        SyntaxError: The code is not Python.
    """
    try:
        body = ast.parse(code).body
    except ValueError as error:  # a NUL byte
        raise SyntaxError(str(error)) from error
    lines = code.splitlines()
    found: list[Statement] = []
    end = 0
    for node in body:
        last = node.end_lineno or node.lineno
        if node.lineno <= end:  # a second statement on the line: its own text
            text = ast.unparse(node)
        else:
            text = "\n".join(lines[end:last]).strip("\n")
            if len(body) > 1 and _shares_line(node, body):
                text = ast.unparse(node)
        end = max(end, last)
        found.append(_statement(text, node))
    return found


def _shares_line(node: ast.stmt, body: Sequence[ast.stmt]) -> bool:
    return any(other is not node and other.lineno == node.end_lineno for other in body)


def _statement(text: str, node: ast.stmt) -> Statement:
    reads, binds = _names(ast.unparse(node))
    if not isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        reads -= binds
    return Statement(text, node, frozenset(reads), frozenset(binds), frozenset(_changes(node)))


def _names(source: str) -> tuple[set[str], set[str]]:
    reads: set[str] = set()
    binds: set[str] = set()
    tables = [(symtable.symtable(source, "<example>", "exec"), True)]
    while tables:
        table, top = tables.pop()
        for name in table.get_symbols():
            if top and (name.is_assigned() or name.is_imported()):
                binds.add(name.get_name())
            if name.is_referenced() and (top or name.is_global()):
                reads.add(name.get_name())
        tables += [(child, False) for child in table.get_children()]
    return reads, binds


def _changes(node: ast.stmt) -> set[str]:
    targets: list[ast.expr] = []
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    changed = {base_name(target) for target in targets if isinstance(target, (ast.Subscript, ast.Attribute))}
    for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
        changed |= _changed_by_call(call, alone=isinstance(node, ast.Expr))
    return changed - {""}


def _changed_by_call(call: ast.Call, *, alone: bool) -> set[str]:
    func = call.func
    if not isinstance(func, ast.Attribute):
        return set()
    base = base_name(func)
    if func.attr in _MUTATORS or any(word.arg == "inplace" for word in call.keywords):
        return {base}
    return {base} if alone and base in _DRAWING else set()


def base_name(node: ast.expr) -> str:
    """Return the name at the root of an attribute, subscript or call chain; empty when there is none."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """Return the dotted name of an attribute chain of plain names; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def backward_slice(context: Sequence[Statement], wanted: Sequence[int]) -> tuple[list[int], set[str]]:
    """Return the indexes that the wanted statements need, in order, and the names that nothing binds.

    A statement before a wanted one is needed when it binds a name that is read later, or changes
    the object behind it.
    """
    keep: set[int] = set()
    needed: set[str] = set()
    chosen = frozenset(wanted)
    for index in range(max(wanted, default=-1), -1, -1):
        statement = context[index]
        if index in chosen or (statement.binds | statement.changes) & needed:
            keep.add(index)
            needed = (needed - statement.binds) | statement.reads
    return sorted(keep), needed - BUILTINS
