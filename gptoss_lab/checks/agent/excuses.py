"""What a cell itself expects to fail, sets or defines: not ours to judge."""

from __future__ import annotations

import ast

TOLERANT = frozenset({
    "ImportError",
    "ModuleNotFoundError",
    "AttributeError",
    "TypeError",
    "Exception",
    "BaseException",
})


def tolerates(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler catches what a missing name or a wrong call raises."""
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in TOLERANT for name in caught)


def looks_before(test: ast.expr) -> bool:
    """Say whether a condition asks for a version or for the presence of something."""
    text = ast.unparse(test)
    return "version" in text or "hasattr" in text


def excused(tree: ast.AST) -> set[str]:
    """Return the names that a cell asks for by text, sets on objects or defines."""
    return {name for node in ast.walk(tree) for name in _names(node)}


def _names(node: ast.AST) -> list[str]:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"hasattr", "getattr", "setattr"}
    ):
        return [str(part.value) for part in node.args if isinstance(part, ast.Constant)]
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return [node.attr]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []
