"""What an expression is known to stand for."""

from __future__ import annotations

import ast
import builtins
import inspect
from dataclasses import dataclass, field
from typing import Any

CONTAINERS = ("list", "dict", "set", "str", "tuple", "bytes", "frozenset")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Known:
    """The object itself: a module, a class or a function."""

    value: Any


@dataclass(frozen=True)
class Instance:
    """An object of one of these classes."""

    classes: tuple[type, ...]


@dataclass(frozen=True)
class Row:
    """A tuple whose parts are known; it may be one of a class of its own, with names for them."""

    parts: tuple[Value, ...]
    is_plain: bool = True


@dataclass(frozen=True, eq=False)
class Local:
    """A function that a cell defines, and what was known where it stands."""

    node: Function
    names: dict[str, Value] = field(repr=False)
    cell: str = ""
    quiet: int = 0


@dataclass(frozen=True)
class Method:
    """A method of an object of one of these classes, all of which have it."""

    classes: tuple[type, ...]
    name: str

    @property
    def title(self) -> str:
        """Return the name to show."""
        return f"{self.classes[0].__qualname__}.{self.name}"

    def targets(self) -> dict[str, Target]:
        """Return what may be called, by title; none where a signature is not known."""
        found: dict[str, Target] = {}
        for cls in self.classes:
            known = method_signature(cls, self.name)
            if known is None:
                return {}
            found[f"{cls.__qualname__}.{self.name}"] = Target(known, getattr(cls, self.name))
        return found


@dataclass(frozen=True)
class Target:
    """Something that may be called: its signature, as its caller sees it, and itself."""

    signature: inspect.Signature
    value: Any


Value = Known | Instance | Row | Local | Method | None


def join(first: Value, second: Value) -> Value:
    """Return what is known of a value that may be either of two."""
    if first == second:
        return first
    if isinstance(first, Instance) and isinstance(second, Instance):
        return Instance(tuple(dict.fromkeys((*first.classes, *second.classes))))
    if isinstance(first, Row) and isinstance(second, Row) and len(first.parts) == len(second.parts):
        parts = tuple(join(*pair) for pair in zip(first.parts, second.parts, strict=True))
        return Row(parts, first.is_plain and second.is_plain)
    return None


def classes_of(value: Value) -> tuple[type, ...]:
    """Return the classes that an object may be of; none where that is not known."""
    if isinstance(value, Instance):
        return value.classes
    return (tuple,) if isinstance(value, Row) and value.is_plain else ()


def signature(target: Any) -> inspect.Signature | None:
    """Return a callable's signature, None when it has none or lies about it."""
    try:
        return inspect.signature(target)
    except (ValueError, TypeError, AttributeError, NameError):
        return None


def method_signature(cls: type, name: str) -> inspect.Signature | None:
    """Return the signature of a method as a caller sees it, without `self`."""
    static = inspect.getattr_static(cls, name, None)
    if isinstance(static, (classmethod, staticmethod)):
        return signature(getattr(cls, name))
    if not inspect.isroutine(static):
        return None
    found = signature(getattr(cls, name))
    if found is None:
        return None
    parameters = list(found.parameters.values())
    open_ended = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    if parameters and parameters[0].kind not in open_ended:
        parameters = parameters[1:]
    return found.replace(parameters=parameters)


def shown(found: inspect.Signature) -> str:
    """Return a signature without annotations, cut to a readable length."""
    bare = [parameter.replace(annotation=parameter.empty) for parameter in found.parameters.values()]
    text = str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    limit = 300
    return text if len(text) <= limit else f"{text[:limit]}…)"


def builtin(name: str) -> Value:
    """Return what a name of Python itself stands for: only what no cell is likely to mean otherwise."""
    value = getattr(builtins, name, None)
    return Known(value) if name in CONTAINERS or inspect.isbuiltin(value) else None
