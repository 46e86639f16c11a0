"""The names that a draft of code means to use, as its imports and the field's short names resolve them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gptoss_lab.documents.imports import ALIASES, bound_by
from gptoss_lab.documents.questions import libraries

MAX_NAMES = 60
_IMPORT_LINE = re.compile(
    r"^\s*(?:>>>\s*)?((?:import\s+\w[\w.]*(?:\s+as\s+\w+)?|"
    r"from\s+\w[\w.]*\s+import\s+\w+(?:\s+as\s+\w+)?(?:\s*,\s*\w+(?:\s+as\s+\w+)?)*))\s*$",
    re.MULTILINE,
)
_DOTTED = re.compile(
    r"(?<![\w.\"'])(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\.[A-Za-z_]\w*(?=\()|[A-Za-z_]\w*(?=\())"
)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a draft calls and reads.

    Attributes:
        names: Dotted names, in order; one that begins with a dot is a member of an object of unknown class.
        packages: What it imports, and what it uses under the name that the field gives it.
    """

    names: tuple[str, ...] = ()
    packages: frozenset[str] = frozenset()


def drafted(code: str, context: str = "") -> Drafted:
    """Return the names of a draft; of one that is no Python, those that look like names of code.

    Args:
        code: A draft program, or a list of intended calls.
        context: Text with the imports that the draft takes for granted.
    """
    bound = {**ALIASES, **_imported(context)}
    tree = _parsed(code)
    if tree is not None:
        bound |= bound_by(tree)
        names = list(dict.fromkeys(_names(tree, bound)))
    else:
        bound |= _imported(code)
        names = list(dict.fromkeys(_resolved(name, bound) for name in _DOTTED.findall(code)))
    whole = [name for name in names if not any(other.startswith(f"{name}.") for other in names)]
    return Drafted(tuple(whole[:MAX_NAMES]), libraries(f"{context}\n{code}"))


def _imported(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _IMPORT_LINE.findall(text):
        tree = _parsed(line)
        if tree is not None:
            found |= bound_by(tree)
    return found


def _parsed(code: str) -> ast.Module | None:
    """Parse code that may be the indented body of a function, even one that returns."""
    flat = textwrap.dedent(code)
    attempts = (code, flat, f"def f():\n{code}", f"def f():\n{textwrap.indent(flat, '    ')}")
    return next((tree for tree in map(_module, attempts) if tree is not None), None)


def _module(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _names(tree: ast.Module, bound: Mapping[str, str]) -> Iterator[str]:
    own = _own(tree)
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Name))]
    for node in sorted(nodes, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
        if isinstance(node, ast.Attribute):
            yield _attribute(node, bound, own)
        elif "." in bound.get(node.id, "") and node.id not in own:
            yield bound[node.id]
        elif node.id in called and node.id not in own:
            yield node.id


def _own(tree: ast.Module) -> set[str]:
    """Return the names that the code itself makes."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


def _attribute(node: ast.Attribute, bound: Mapping[str, str], own: set[str]) -> str:
    parts, value = [node.attr], node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name) or (value.id in own and value.id not in bound):
        return f".{node.attr}"
    return ".".join((bound.get(value.id, value.id), *reversed(parts)))


def _resolved(name: str, bound: Mapping[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{bound[first]}{dot}{rest}" if first in bound else name
