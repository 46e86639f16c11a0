"""Keywords that a `**` may take: names that the library itself has for its parameters and properties."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from types import CodeType

from gptoss_lab.checks.agent.values import Target

# Libraries whose `**` names their own parameters and properties, never the caller's.
OWN = frozenset({"matplotlib", "numpy", "pandas"})
DRAWING = "matplotlib"
_CALLABLES = re.compile(r"func|^f$|callable|key$|converter|aggfunc|^arg$|kernel|method$")


def invented(target: Target, keywords: list[str]) -> list[str]:
    """Return the keywords that a function hands on by `**` and that its library has no parameter of."""
    module = str(getattr(target.value, "__module__", "") or "")
    owner = getattr(target.value, "__objclass__", None)
    module = module or str(getattr(owner, "__module__", ""))
    top = module.split(".")[0]
    parameters = list(target.signature.parameters.values())
    kinds = {parameter.kind for parameter in parameters}
    if top not in OWN or inspect.Parameter.VAR_KEYWORD not in kinds:
        return []
    named = {parameter.name for parameter in parameters}
    hands_on = any(_CALLABLES.search(name) for name in named)
    others = len([parameter for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD])
    # Columns, and arguments of a function that is handed over, are the caller's to name.
    if top != DRAWING and (hands_on or not others or inspect.Parameter.VAR_POSITIONAL in kinds):
        return []
    spoken = _vocabulary(top)
    if module.startswith("pandas.plotting"):
        spoken |= _vocabulary(DRAWING)
    return [name for name in keywords if name not in named and name not in spoken]


@cache
def _vocabulary(top: str) -> frozenset[str]:
    entries: list[tuple[str, object]] = list(sys.modules.items())
    spaces = [vars(entry) for name, entry in entries if entry is not None and name.split(".")[0] == top]
    values = [value for space in spaces for value in tuple(space.values())]
    classes = {value for value in values if isinstance(value, type)}
    members = [part for cls in classes for part in tuple(vars(cls).values())]
    names: set[str] = {"where", "initial", "keepdims"} if top in {"numpy", "pandas"} else set()
    for cls in classes:
        names |= {name.removeprefix("set_") for name in vars(cls) if name.startswith("set_")}
        names |= _aliases(cls)
    for value in (*values, *members):
        names |= _words(getattr(inspect.unwrap(value) if callable(value) else value, "__code__", None))
    return frozenset(names)


def _aliases(cls: type) -> set[str]:
    known = vars(cls).get("_alias_map")
    return {name for names in known.values() for name in names} if isinstance(known, dict) else set()


def _words(code: object) -> set[str]:
    """Return a function's parameters, and the texts that it may take out of its `**` by name."""
    if not isinstance(code, CodeType):
        return set()
    count = code.co_argcount + code.co_kwonlyargcount
    names = set(code.co_varnames[:count])
    if code.co_flags & inspect.CO_VARKEYWORDS:
        names |= {text for text in code.co_consts if isinstance(text, str) and text.isidentifier()}
        names |= {
            text for row in code.co_consts if isinstance(row, tuple) for text in row if isinstance(text, str)
        }
    for part in code.co_consts:
        names |= _words(part)
    return names
