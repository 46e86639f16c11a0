"""Names that no earlier cell, import or builtin defines."""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gptoss_lab.checks.cells import NAME_MAGICS, Cell, magic_names, parse
from gptoss_lab.checks.scopes import Use, bound_names, global_names, uses
from gptoss_lab.schemas.review import Finding

IPYTHON_NAMES = frozenset({
    "get_ipython",
    "display",
    "In",
    "Out",
    "exit",
    "quit",
    "_",
    "__",
    "___",
    "_i",
    "_ih",
    "_oh",
    "_dh",
})
MODULE_NAMES = frozenset({"__name__", "__doc__", "__file__", "__builtins__", "__spec__", "__annotations__"})
ALWAYS = frozenset(dir(builtins)) | IPYTHON_NAMES | MODULE_NAMES
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Delete, ast.Return, ast.Assert, ast.Raise)


@dataclass(slots=True)
class _Notebook:
    """The names known so far. `opaque` says that some cell defines names we cannot see."""

    known: set[str] = field(default_factory=lambda: set(ALWAYS))
    opaque: bool = False

    def read(self, cell: Cell) -> Iterator[tuple[Use, str]]:
        """Learn what a cell binds; yield what it needs and does not find."""
        tree = parse(cell.source)
        if tree is None:
            # What a broken cell would bind is unknown, and its syntax error is reported already.
            self.opaque = True
            return
        self.opaque = self.opaque or bool(magic_names(cell.source) & NAME_MAGICS) or _imports_all(tree)
        self.known |= global_names(tree)
        for statement in tree.body:
            bound = bound_names([statement])
            visible = self.known if isinstance(statement, SIMPLE) else self.known | bound
            walrus = {part.target.id for part in ast.walk(statement) if isinstance(part, ast.NamedExpr)}
            for use in _all_uses(statement):
                if use.deferred or use.name not in visible | walrus:
                    yield use, cell.id
            self.known |= bound
            if isinstance(statement, ast.Delete):
                self.known -= {target.id for target in statement.targets if isinstance(target, ast.Name)}


def defined_names(cells: Iterable[str]) -> set[str]:
    """Return the module-level names that these cells bind."""
    names: set[str] = set()
    for source in cells:
        tree = parse(source)
        if tree is not None:
            names |= bound_names(tree.body) | global_names(tree)
    return names


def check_names(cells: Sequence[Cell], context: Sequence[str] = ()) -> list[Finding]:
    """Report names that are read before anything defines them, once per cell and name.

    Args:
        cells: The cells in the order in which they will run.
        context: Sources of the notebook's cells above them.
    """
    notebook = _Notebook()
    for number, source in enumerate(context):
        list(notebook.read(Cell(f"context-{number}", source)))
    missing = [miss for cell in cells for miss in notebook.read(cell)]
    if notebook.opaque:
        return []
    found: dict[tuple[str, str], Finding] = {}
    for use, cell_id in missing:
        # A function may be called after a later cell has bound the name.
        if (use.deferred and use.name in notebook.known) or (cell_id, use.name) in found:
            continue
        found[cell_id, use.name] = _finding(use, cell_id, notebook.known)
    return list(found.values())


def _all_uses(statement: ast.stmt) -> Iterator[Use]:
    yield from uses(statement)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        yield Use(statement.target.id, statement.lineno, deferred=False)


def _imports_all(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(tree)
    )


def _finding(use: Use, cell: str, known: set[str]) -> Finding:
    near = difflib.get_close_matches(
        use.name, sorted(name for name in known if not name.startswith("_")), n=3, cutoff=0.75
    )
    return Finding(
        check="names",
        severity="error",
        cell=cell,
        line=use.line,
        symbol=use.name,
        message=f"The name `{use.name}` is used here, but no cell before defines it.",
        suggestions=tuple(near),
    )
