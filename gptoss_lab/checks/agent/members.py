"""Which members objects of a class surely lack."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache

from gptoss_lab.checks.agent.library import near
from gptoss_lab.checks.agent.stores import stored

# Their `__getattr__` serves data (columns), never something that is called.
DATA_GETATTR = ("pandas",)
# Types in C name the slot even where it does nothing of its own.
PLAIN_GETATTR = ("builtins", "numpy")
_MADE_UP = re.compile(r"setattr\(|__dict__")
ALIKE = 0.8


def lacks(cls: type, name: str) -> bool:
    """Say whether objects of a class surely have no such method; its subclasses count too."""
    return all(_lacks(kind, name) for kind in _family(cls))


def has_no(cls: type, name: str) -> bool:
    """Say whether objects of a class surely have no such attribute, be it read or called.

    Columns are attributes of tables, and a module may set on objects what no class of it tells.
    """
    if any(makes_members(kind) for kind in _family(cls)):
        return False
    return lacks(cls, name) and name not in stored(cls.__module__.split(".")[0])


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
    pattern = re.compile(rf"\.{re.escape(name)}\b\s*(:[^=\n]+)?=")
    texts = [_text(part) for part in cls.__mro__ if part.__module__ not in sys.builtin_module_names]
    if any(pattern.search(text) for text in texts):
        return True
    # What is set by a name made up at run time is not likely a misspelt member.
    return any(_MADE_UP.search(text) for text in texts) and not near(name, dir(cls), ALIKE)


@cache
def _text(cls: type) -> str:
    try:
        return inspect.getsource(cls)
    except (OSError, TypeError):
        return ""
