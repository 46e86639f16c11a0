"""What a cell gives to those below it: names and signatures, no bodies and no values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gptoss_lab.drafts.syntax import tree_of
from gptoss_lab.schemas.base import Language

MAX_LINES = 80
_MAX_LINE_CHARS = 200
_R_FUNCTION = re.compile(r"(?m)^\s*([A-Za-z.][\w.]*)\s*(?:<-|=)\s*function\s*\(")
_R_NAME = re.compile(r"(?m)^\s*([A-Za-z.][\w.]*)\s*(?:<<?-|=(?!=))|->\s*([A-Za-z.][\w.]*)\s*$")
_R_PACKAGE = re.compile(r"(?m)^\s*(?:library|require)\(\s*[\"']?([A-Za-z.][\w.]*)")
_R_WORD = re.compile(r"[A-Za-z.][\w.]*")


def interface_of(source: str, language: Language) -> list[str]:
    """Return what a cell defines, a line for each function, class and import, and one for all other names."""
    lines = list(_python(source) if language == "python" else _r(source))
    return [line[:_MAX_LINE_CHARS] for line in lines[:MAX_LINES]]


def bound_in(source: str, language: Language) -> set[str]:
    """Return the names that a cell binds at its top level."""
    if language == "r":
        return {left or right for left, right in _R_NAME.findall(source)}
    tree = tree_of(source)
    if tree is None:
        return set()
    names: set[str] = set()
    for node in tree.body:
        names.update(_targets(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def used_in(source: str, language: Language) -> set[str]:
    """Return every name that a cell reads, also within functions; of R every word."""
    if language == "r":
        return set(_R_WORD.findall(source))
    tree = tree_of(source)
    if tree is None:
        return set(re.findall(r"[A-Za-z_]\w*", source))
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _python(source: str) -> Iterator[str]:
    tree = tree_of(source)
    if tree is None:
        return
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _signature(node)
        elif isinstance(node, ast.ClassDef):
            yield f"class {node.name}"
            yield from (
                f"{node.name}.{_signature(part)}" for part in node.body if isinstance(part, ast.FunctionDef)
            )
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield ast.unparse(node)
        else:
            names += _targets(node)
    if names:
        yield f"names: {', '.join(dict.fromkeys(names))}"


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def {node.name}({ast.unparse(node.args)}){returned}"


def _targets(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds, those of what stands inside it too."""
    return [
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name)
        and isinstance(part.ctx, ast.Store)
        and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]


def _r(source: str) -> Iterator[str]:
    for package in dict.fromkeys(_R_PACKAGE.findall(source)):
        yield f"library({package})"
    functions: list[str] = []
    for match in _R_FUNCTION.finditer(source):
        functions.append(match[1])
        yield f"{match[1]} <- function({_r_arguments(source, match.end())})"
    names = [left or right for left, right in _R_NAME.findall(source)]
    others = [name for name in dict.fromkeys(names) if name not in functions]
    if others:
        yield f"names: {', '.join(others)}"


def _r_arguments(source: str, start: int) -> str:
    depth = 1
    for place in range(start, min(len(source), start + _MAX_LINE_CHARS)):
        depth += {"(": 1, ")": -1}.get(source[place], 0)
        if depth == 0:
            return " ".join(source[start:place].split())
    return "..."
