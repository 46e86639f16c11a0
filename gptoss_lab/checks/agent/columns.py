"""Names that columns of the cells' tables may have: attributes of tables that no class tells of."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable

_READERS = re.compile(
    r"^(read|load|fetch|open|get|json|query|sql|scan|from|input|recv|eval|exec|pivot|unstack)"
)
_WORD = re.compile(r"\w+")
# A kernel's variables of these types hold no names of columns but those that are told.
_NAMELESS = re.compile(r"(^numpy\.|(^|\.)(DataFrame|Series|Index|int|float|bool|complex)$)")


class Columns:
    """What columns can be called. `known` says that the cells tell of all of them."""

    def __init__(self) -> None:
        self.known = True
        self._words: set[str] = set()
        self._bound = set(dir(builtins))
        self._read: set[str] = set()

    def learn(self, tree: ast.AST) -> None:
        """Learn from a cell: its texts, its keywords, and whether it brings in what no cell tells of."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._words.update(_WORD.findall(node.value))
            elif isinstance(node, ast.keyword) and node.arg:
                self._words.add(node.arg)
            elif isinstance(node, ast.Name):
                (self._read if isinstance(node.ctx, ast.Load) else self._bound).add(node.id)
            elif isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                self.known = self.known and not _READERS.match(name)
            else:
                self._bound.update(_bound(node))

    def tell(self, name: str, kind: str, columns: Iterable[str]) -> None:
        """Learn of a variable of the live kernel, by its class and the names of its columns."""
        self._words.update(columns)
        self.known = self.known and bool(_NAMELESS.search(kind))
        self._bound.add(name)

    def may_have(self, name: str) -> bool:
        """Say whether a column may have that name, as far as the cells tell."""
        return not self.known or name in self._words or bool(self._read - self._bound)


def _bound(node: ast.AST) -> set[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.arg):
        return {node.arg}
    return {node.name} if isinstance(node, ast.ExceptHandler) and node.name else set()
