"""Whether documentation is of the installed version, and what differs of the names that matter."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping

_NUMBER = re.compile(r"\d+")
_PARTS = 2
_RETURNS = re.compile(r"\)\s*->.*$", re.DOTALL)
# Sphinx writes the notice so; what to use stands in the words after it.
_NOTICE = re.compile(
    r"[Dd]eprecated (?:since|in)(?: version)? [^\n]{0,200}?\b[Uu]se `{1,2}([^`\n]{1,120})`{1,2}"
)
_EQUIVALENT = re.compile(
    r"(?:[Ee]quivalent to(?: setting| passing| using)?|\b[Uu]se|in favou?r of) `{1,2}([^`\n]+)`{1,2}"
)
_NEXT_PARAMETER = re.compile(r"^\*{0,2}[A-Za-z_]\w*(?:, \*{0,2}\w+)* ?: [^\n]*\n", re.MULTILINE)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_MAX_SAID = 80


def same_version(one: str, two: str) -> bool:
    """Say whether two versions have the same API as far as it is told: their first two numbers agree."""
    left, right = (_NUMBER.findall(version.split("+")[0])[:_PARTS] for version in (one, two))
    size = min(len(left), len(right))
    return left[:size] == right[:size]


def parameters(signature: str) -> tuple[str, ...] | None:
    """Return the names of a signature's parameters; None where it cannot be read, or takes any keyword."""
    start = signature.find("(")
    if start < 0:
        return None
    text = _RETURNS.sub(")", signature[start:].rstrip())
    try:
        (function,) = ast.parse(f"def f{text}: ...").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(function, ast.FunctionDef) or function.args.kwarg is not None:
        return None
    found = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return tuple(argument.arg for argument in found)


def successors(text: str, name: str) -> tuple[str, ...]:
    """Return the names that a deprecation notice in the documentation of an object sends to.

    Args:
        text: All that the documentation says of the object.
        name: Its qualified name; the notice may leave out the package, or the class.
    """
    notice = _NOTICE.search(text)
    if notice is None:
        return ()
    said = notice.group(1).rstrip("()")
    if not _DOTTED.fullmatch(said):
        return ()
    owner, top = name.rpartition(".")[0], name.partition(".")[0]
    found = (said if said.startswith(f"{top}.") else "", f"{owner}.{said}", f"{top}.{said}")
    return tuple(dict.fromkeys(entry for entry in found if entry and entry != name))


def parameter_successor(text: str, parameter: str) -> str:
    """Return what the documentation of a parameter says to write in its place; empty where it does not.

    Args:
        text: All that the documentation says of the function.
        parameter: The parameter.
    """
    start = re.search(rf"^{re.escape(parameter)} ?:[^\n]*\n", text, re.MULTILINE)
    if start is None:
        return ""
    rest = text[start.end() :]
    end = _NEXT_PARAMETER.search(rest)
    said = _EQUIVALENT.search(rest[: end.start()] if end else rest)
    return said.group(1).strip() if said and len(said.group(1)) <= _MAX_SAID else ""


def example_lacks(code: str, gone: Collection[str], lost: Mapping[str, Collection[str]]) -> bool:
    """Say whether an example's code uses a member that is gone, or passes a parameter that is.

    Args:
        code: The example.
        gone: The last parts of the names that are gone and that it is known to call.
        lost: By the last part of a function's name the parameters that it no longer takes.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in gone:
            return True
        if isinstance(node, ast.Call):
            named = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            named = node.func.id if isinstance(node.func, ast.Name) else named
            if any(word.arg in lost.get(named, ()) for word in node.keywords):
                return True
    return False
