"""Under which name a reader knows an object, and how far to the front of its package it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import griffe

from gptoss_lab.documents.blocks import Symbol

# Folders whose names say that their content is reached through somewhere else.
_INTERNAL = frozenset({"core", "internal", "internals", "impl", "compat"})
_BACKSTAGE_WORTH = 0.9
_ERROR_WORTH = 0.7
_ERRORS = ("Error", "Warning")
_PROMPTED = re.compile(r"^\s*(?:>>>|\.\.\.)(.*)$", re.MULTILINE)


def is_internal(name: str) -> bool:
    """Say whether a part of a name is a folder that is reached through somewhere else."""
    return any(part in _INTERNAL for part in name.split("."))


def ordered(item: griffe.Object, names: Sequence[str]) -> list[str]:
    """Return the names of an object, the one that a reader knows it by first.

    Of the classes that inherit a method, its own examples use the one that it was written for.
    """
    text = item.docstring.value if item.docstring and len(names) > 1 else ""
    used = Counter(re.findall(r"[A-Za-z_]\w*", " ".join(_PROMPTED.findall(text))))

    def publicity(name: str) -> tuple[bool, int, int, str]:
        uses = sum(used[part] for part in name.split(".")[1:-1])
        return (is_internal(name), name.count("."), -uses, name)

    return sorted(names, key=publicity)


def weighed(found: Sequence[Symbol]) -> list[Symbol]:
    """Lower the worth of errors, and in a package that re-exports its API of what it does not show so.

    The examples of an error show how to meet it, which is not what a task asks for.
    """
    found = [replace(item, worth=_ERROR_WORTH) if item.qualname.endswith(_ERRORS) else item for item in found]
    shown = {symbol.qualname for symbol in found if symbol.kind in {"class", "function"} and symbol.aliases}
    every = sum(symbol.kind in {"class", "function"} for symbol in found)
    if len(shown) * 2 < every:
        return found
    return [
        symbol if _front(symbol, shown) else replace(symbol, worth=min(symbol.worth, _BACKSTAGE_WORTH))
        for symbol in found
    ]


def _front(symbol: Symbol, shown: set[str]) -> bool:
    if symbol.kind in {"method", "attribute"}:
        owner = symbol.qualname.rpartition(".")[0]
        return owner in shown or owner.rpartition(".")[0] in shown
    return symbol.qualname in shown or symbol.kind == "module"
