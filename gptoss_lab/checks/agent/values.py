"""What an expression is known to stand for."""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from dataclasses import dataclass
from typing import Any

from gptoss_lab.checks.agent.library import resolve

# Their `__getattr__` serves data (columns), never something that is called.
DATA_GETATTR = ("pandas",)
# Types in C name the slot even where it does nothing of its own.
PLAIN_GETATTR = ("builtins", "numpy")
_ARRAY_MAKERS = ("array", "asarray", "zeros", "ones", "empty", "arange", "linspace", "full")
RETURNS = {f"numpy.{name}": "numpy.ndarray" for name in _ARRAY_MAKERS}
RETURNS.update({
    f"pandas.{name}": "pandas.DataFrame" for name in ("concat", "read_csv", "merge", "pivot_table")
})
ITEMS = {"pandas.DataFrame": ("pandas.DataFrame", "pandas.Series")}
CONTAINERS = ("list", "dict", "set", "str", "tuple")


@dataclass(frozen=True)
class Known:
    """The object itself: a module, a class or a function."""

    value: Any


@dataclass(frozen=True)
class Instance:
    """An object of one of these classes."""

    classes: tuple[type, ...]


@dataclass(frozen=True)
class Method:
    """A method of an object of a known class."""

    cls: type
    name: str

    @property
    def title(self) -> str:
        """Return the name to show."""
        return f"{self.cls.__qualname__}.{self.name}"

    def signature(self) -> inspect.Signature | None:
        """Return the signature as a caller sees it, without `self`."""
        static = inspect.getattr_static(self.cls, self.name, None)
        found = signature(getattr(self.cls, self.name))
        if found is None or isinstance(static, (classmethod, staticmethod)):
            return found
        if not inspect.isroutine(static):
            return None
        parameters = list(found.parameters.values())
        if parameters and parameters[0].kind not in {
            inspect.Parameter.VAR_POSITIONAL,
            inspect.Parameter.VAR_KEYWORD,
        }:
            parameters = parameters[1:]
        return found.replace(parameters=parameters)

    def returned(self) -> Value:
        """Return what a call gives, where that is known."""
        # The one library that says so in prose alone.
        if self.name == "fit" and self.cls.__module__.startswith("sklearn."):
            return Instance((self.cls,))
        return returned(getattr(self.cls, self.name), self.cls)


Value = Known | Instance | Method | None


def signature(target: Any) -> inspect.Signature | None:
    """Return a callable's signature, None when it has none or lies about it."""
    try:
        return inspect.signature(target)
    except (ValueError, TypeError, AttributeError, NameError):
        return None


def shown(found: inspect.Signature) -> str:
    """Return a signature without annotations, cut to a readable length."""
    bare = [parameter.replace(annotation=parameter.empty) for parameter in found.parameters.values()]
    text = str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    limit = 300
    return text if len(text) <= limit else f"{text[:limit]}…)"


def called(target: Any) -> Value:
    """Return what calling a class or function gives, where that is known."""
    if inspect.isclass(target):
        # A class that overrides the call itself may give anything.
        plain = type(target).__call__ is type.__call__
        return Instance((target,)) if plain else None
    top = str(getattr(target, "__module__", "") or "").split(".")[0]
    listed = RETURNS.get(f"{top}.{getattr(target, '__name__', '')}")
    cls = resolve(listed) if listed else None
    return Instance((cls,)) if inspect.isclass(cls) else returned(target, None)


def returned(target: Any, owner: type | None) -> Value:
    """Return what a function's annotation promises, where it names one class."""
    plain = inspect.unwrap(target)
    annotation = getattr(plain, "__annotations__", {}).get("return")
    if inspect.isclass(annotation):
        return None if annotation.__module__ == "builtins" else Instance((annotation,))
    if not isinstance(annotation, str) or not annotation.isidentifier():
        return None
    if annotation == "Self":
        return Instance((owner,)) if owner is not None else None
    space = getattr(plain, "__globals__", {})
    top = str(space.get("__name__", "")).split(".")[0]
    found = space.get(annotation) or resolve(f"{top}.{annotation}")
    return Instance((found,)) if inspect.isclass(found) else None


def items(owner: Value) -> Value:
    """Return what indexing gives, where that is known."""
    if not isinstance(owner, Instance) or len(owner.classes) != 1:
        return None
    cls = owner.classes[0]
    found = tuple(
        resolve(name) for name in ITEMS.get(f"{cls.__module__.split('.')[0]}.{cls.__qualname__}", ())
    )
    return Instance(found) if found and all(inspect.isclass(item) for item in found) else None


def builtin(name: str) -> Value:
    """Return a container class of Python itself."""
    return Known(getattr(builtins, name)) if name in CONTAINERS else None


def lacks(cls: type, name: str) -> bool:
    """Say whether objects of a class surely have no such method; its subclasses count too."""
    return all(_lacks(kind, name) for kind in _family(cls))


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


def makes_members(cls: type) -> bool:
    """Say whether objects of a class answer to names that are made up when asked."""
    owners = [part for part in cls.__mro__ if part.__module__.split(".")[0] not in PLAIN_GETATTR]
    return any({"__getattr__", "__getattribute__"} & vars(part).keys() for part in owners)


def _assigns(cls: type, name: str) -> bool:
    """Say whether the text of a class may give its objects an attribute of that name."""
    pattern = re.compile(rf"\.{re.escape(name)}\b\s*(:[^=\n]+)?=|setattr\(|__dict__")
    for part in cls.__mro__:
        if part.__module__ in sys.builtin_module_names:
            continue
        try:
            text = inspect.getsource(part)
        except (OSError, TypeError):
            continue
        if pattern.search(text):
            return True
    return False
