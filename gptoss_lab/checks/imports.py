"""The imports of a cell, and which of them the cell itself expects to fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

TOLERANT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Import:
    """A module that a cell imports. `guarded` imports stand in a `try` that expects them to fail."""

    module: str
    line: int
    guarded: bool

    @property
    def top(self) -> str:
        """Return the top-level name."""
        return self.module.split(".")[0]


def imports(tree: ast.AST, *, guarded: bool = False) -> Iterator[Import]:
    """Yield every absolute import below `tree`, in the order of the text."""
    if isinstance(tree, ast.Import):
        yield from (Import(alias.name, tree.lineno, guarded) for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom):
        if tree.module and not tree.level:
            yield Import(tree.module, tree.lineno, guarded)
    elif isinstance(tree, ast.Try):
        yield from _try_imports(tree, guarded=guarded)
    else:
        for child in ast.iter_child_nodes(tree):
            yield from imports(child, guarded=guarded)


def _try_imports(tree: ast.Try, *, guarded: bool) -> Iterator[Import]:
    tolerant = guarded or any(_tolerates(handler) for handler in tree.handlers)
    for statement in tree.body:
        yield from imports(statement, guarded=tolerant)
    for part in (*tree.handlers, *tree.orelse, *tree.finalbody):
        yield from imports(part, guarded=guarded)


def _tolerates(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in TOLERANT for name in caught)
