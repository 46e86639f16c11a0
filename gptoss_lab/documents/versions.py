"""Whether documentation is of the installed version, and what differs of the names that matter."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping, Sequence

from gptoss_lab.schemas.documents import ApiSymbol

_NUMBER = re.compile(r"\d+")
_PARTS = 2
_RETURNS = re.compile(r"\)\s*->.*$", re.DOTALL)
_NEAR_CUTOFF = 0.75
_MAX_TOLD = 6


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


def differences(
    old: Sequence[ApiSymbol], new: Mapping[str, ApiSymbol], known: Sequence[str] = ()
) -> list[str]:
    """Return in words what an installed package no longer has of what documentation tells.

    Args:
        old: What the documentation tells of the names that matter.
        new: What the installed package has, by name.
        known: Other names that it has, one of which may be the new name.
    """
    told: list[str] = []
    for symbol in old:
        if symbol.kind == "module":
            continue
        found = new.get(symbol.qualname)
        if found is None:
            near = difflib.get_close_matches(symbol.qualname, known, n=1, cutoff=_NEAR_CUTOFF)
            told.append(f"{symbol.qualname} is gone" + (f" (nearest: {near[0]})" if near else ""))
            continue
        before, after = parameters(symbol.signature), parameters(found.signature)
        lost = [name for name in before or () if after is not None and name not in after and name != "self"]
        if lost:
            told.append(f"{symbol.qualname} has no parameter {', '.join(lost)}")
    return told[:_MAX_TOLD]
