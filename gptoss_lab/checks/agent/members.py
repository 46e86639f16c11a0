"""Which members objects of a class surely lack."""

from __future__ import annotations

import dis
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType

# Their `__getattr__` serves data (columns), never something that is called.
DATA_GETATTR = ("pandas",)
# Types in C name the slot even where it does nothing of its own.
PLAIN_GETATTR = ("builtins", "numpy")
_STORE = dis.opmap["STORE_ATTR"]


def lacks(cls: type, name: str) -> bool:
    """Say whether objects of a class surely have no such method; its subclasses count too."""
    return all(_lacks(kind, name) for kind in _family(cls))


def has_no(cls: type, name: str) -> bool:
    """Say whether objects of a class surely have no such attribute, be it read or called.

    Columns are attributes of tables, and a module may set on objects what no class of it tells.
    """
    if any(part.__module__.split(".")[0] in DATA_GETATTR for part in cls.__mro__):
        return False
    return lacks(cls, name) and name not in _stored(cls.__module__.split(".")[0])


@cache
def _stored(top: str) -> frozenset[str]:
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


def makes_members(cls: type) -> bool:
    """Say whether objects of a class answer to names that are made up when asked."""
    owners = [part for part in cls.__mro__ if part.__module__.split(".")[0] not in PLAIN_GETATTR]
    return any({"__getattr__", "__getattribute__"} & vars(part).keys() for part in owners)


def _family(cls: type) -> set[type]:
    """Return a class and its subclasses: a constructor or an annotation may give any of them."""
    found, open_ends = {cls}, [cls]
    # A list is a list: nobody hands out subclasses of Python's own containers.
    if cls.__module__ == "builtins":
        return found
    while open_ends:
        new: set[type] = set(type.__subclasses__(open_ends.pop())) - found
        found |= new
        open_ends += new
    return found


def _lacks(cls: type, name: str) -> bool:
    if hasattr(cls, name) or hasattr(type(cls), name):
        return False
    if any(part.__module__.split(".")[0] in DATA_GETATTR for part in cls.__mro__):
        return True
    return not makes_members(cls) and not _assigns(cls, name)


def _assigns(cls: type, name: str) -> bool:
    """Say whether the text of a class may give its objects an attribute of that name."""
    pattern = re.compile(rf"\.{re.escape(name)}\b\s*(:[^=\n]+)?=|setattr\(|__dict__")
    parts = [part for part in cls.__mro__ if part.__module__ not in sys.builtin_module_names]
    return any(pattern.search(_text(part)) for part in parts)


@cache
def _text(cls: type) -> str:
    try:
        return inspect.getsource(cls)
    except (OSError, TypeError):
        return ""
