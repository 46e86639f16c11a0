"""The functions that cells call, by the names under which documentation knows them."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence

from gptoss_lab.drafts.syntax import tree_of
from gptoss_lab.schemas.base import Language

MAX_CALLS = 40
_R_CALL = re.compile(r"(?<![\w.:$@])((?:[A-Za-z][\w.]*:::?)?[A-Za-z.][\w.]*)\s*\(")
_R_SYNTAX = frozenset({
    "if",
    "for",
    "while",
    "repeat",
    "function",
    "c",
    "list",
    "library",
    "require",
    "print",
})
_R_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|#[^\n]*")
_BUILTIN = frozenset(dir(builtins))


def called(sources: Sequence[str], language: Language, context: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what the sources call, each once, in order.

    A name of Python that an import brought is told in full, a method by its own name alone, as its object
    is not known. What the cells define themselves, and what Python brings, is left out.

    Args:
        sources: The cells.
        language: Their language.
        context: Cells above, for their imports.
    """
    if language == "r":
        found = (name for source in sources for name in _R_CALL.findall(_R_TEXT.sub("''", source)))
        return tuple(dict.fromkeys(name for name in found if name not in _R_SYNTAX))[:MAX_CALLS]
    trees = [tree for tree in map(tree_of, sources) if tree is not None]
    aliases = _aliases([*(tree for tree in map(tree_of, context) if tree is not None), *trees])
    names = (name for tree in trees for name in _calls(tree, aliases))
    return tuple(dict.fromkeys(names))[:MAX_CALLS]


def imported(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the top names of what Python cells import, each once."""
    trees = [tree for tree in map(tree_of, sources) if tree is not None]
    return tuple(dict.fromkeys(name.split(".")[0] for name in _aliases(trees).values()))


def _aliases(trees: Iterable[ast.Module]) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update((a.asname or a.name, f"{node.module}.{a.name}") for a in node.names if a.name != "*")
    return names


def _calls(tree: ast.Module, aliases: dict[str, str]) -> Iterator[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    own = {node.name for node in ast.walk(tree) if isinstance(node, functions)}
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for called_ in sorted(calls, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
        parts = _parts(called_)
        if parts and parts[0] in aliases:
            yield ".".join((aliases[parts[0]], *parts[1:]))
        elif isinstance(called_, ast.Attribute):
            yield called_.attr
        elif parts and parts[0] not in _BUILTIN | own:
            yield parts[0]


def _parts(node: ast.expr) -> list[str]:
    """Return the names of a dotted expression; nothing where it is something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []
