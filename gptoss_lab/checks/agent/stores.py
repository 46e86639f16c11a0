"""Attribute names that a package's functions set on objects: what no class tells of."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType

_STORE = dis.opmap["STORE_ATTR"]


@cache
def stored(top: str) -> frozenset[str]:
    """Return the attribute names that the functions of a package's loaded modules set on objects."""
    entries: list[tuple[str, object]] = list(sys.modules.items())
    spaces = [vars(entry) for name, entry in entries if entry is not None and name.split(".")[0] == top]
    values = [value for space in spaces for value in tuple(space.values())]
    members = [part for value in values if isinstance(value, type) for part in tuple(vars(value).values())]
    codes = {code for value in (*values, *members) for code in _codes(getattr(value, "__code__", None))}
    return frozenset(name for code in codes for name in _sets(code))


def _codes(code: object) -> list[CodeType]:
    if not isinstance(code, CodeType):
        return []
    return [code, *(inner for part in code.co_consts for inner in _codes(part))]


def _sets(code: CodeType) -> Iterator[str]:
    if "setattr" in code.co_names:
        yield from (text for text in code.co_consts if isinstance(text, str))
    # Two bytes an instruction; a number above 255 is told in parts before it.
    high = 0
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2], strict=False):
        if operation == _STORE and (high | argument) < len(code.co_names):
            yield code.co_names[high | argument]
        high = (high | argument) << 8 if operation == dis.EXTENDED_ARG else 0
