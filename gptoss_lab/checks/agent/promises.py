"""What a call gives, as annotations, overloads and documentation promise it."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from collections.abc import Callable, Iterable
from typing import Any

from gptoss_lab.checks.agent.library import class_named, resolve
from gptoss_lab.checks.agent.prose import documented
from gptoss_lab.checks.agent.values import Instance, Row, Value, classes_of, join, signature

_MAKERS = ("array", "asarray", "zeros", "ones", "empty", "full", "arange", "linspace", "eye", "identity")
RETURNS = {f"numpy.{name}": "numpy.ndarray" for name in _MAKERS}
RETURNS.update({
    f"pandas.{name}": "pandas.DataFrame" for name in ("concat", "read_csv", "merge", "pivot_table")
})
# Python's own, which says it in prose alone.
_TEXT = dict.fromkeys(
    ("format", "join", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "title", "capitalize"), str
)
_BUILTIN_METHODS: dict[type, dict[str, type]] = {
    str: {**_TEXT, "split": list, "rsplit": list, "splitlines": list, "encode": bytes},
    list: {"copy": list},
    dict: {"copy": dict},
}
_BUILTIN_CALLS: dict[str, type] = {
    "sorted": list,
    "repr": str,
    "input": str,
    "chr": str,
    "hex": str,
    "len": int,
    "ord": int,
}
# Promised as one of these, a value may still be of a kind of the library's own.
_VAGUE = frozenset({"int", "float", "bool", "complex", "object", "type", "NoneType", "Any"})


def called(target: Any, node: ast.Call, arguments: Iterable[Value] = ()) -> Value:
    """Return what calling a class or function gives, where that is known."""
    if inspect.isclass(target):
        # A class that overrides the call itself may give anything.
        plain = type(target).__call__ is type.__call__
        return Instance((target,)) if plain else None
    name = getattr(target, "__name__", "")
    if inspect.isbuiltin(target) and getattr(target, "__module__", "") == "builtins":
        return Instance((_BUILTIN_CALLS[name],)) if name in _BUILTIN_CALLS else None
    top = str(getattr(target, "__module__", "") or "").split(".")[0]
    listed = RETURNS.get(f"{top}.{name}")
    cls = resolve(listed) if listed else None
    if inspect.isclass(cls):
        return Instance((cls,))
    found = returned(target, None, node)
    return documented(target, None) if found is None and _plain(arguments) else found


def method_called(cls: type, name: str, node: ast.Call) -> Value:
    """Return what calling a method gives, where that is known."""
    if cls in _BUILTIN_METHODS:
        kind = _BUILTIN_METHODS[cls].get(name)
        return Instance((kind,)) if kind else None
    target = getattr(cls, name)
    found = returned(target, cls, node)
    # What transforms data answers in the kind of its input, whatever is written of it.
    return documented(target, cls) if found is None and "transform" not in name else found


def returned(target: Any, owner: type | None, node: ast.Call | None = None) -> Value:
    """Return what a function's annotation promises."""
    plain = inspect.unwrap(target)
    if node is not None:
        for overload in _overloads(plain):
            if _fits(overload, node, skip=owner is not None):
                found = _promised(overload.__annotations__.get("return"), overload, owner)
                if found is not None:
                    return found
                break
    return _promised(getattr(plain, "__annotations__", {}).get("return"), plain, owner)


def _plain(arguments: Iterable[Value]) -> bool:
    """Say whether all arguments are Python's or numpy's own: others may answer with their own kind."""
    kinds = [classes_of(value) for value in arguments]
    return all(
        found and all(cls.__module__.split(".")[0] in {"builtins", "numpy"} for cls in found)
        for found in kinds
    )


def _overloads(function: Any) -> list[Callable[..., Any]]:
    # New in Python 3.11.
    listed = getattr(typing, "get_overloads", None)
    try:
        return list(listed(function)) if listed else []
    except AttributeError:
        return []


def _fits(overload: Any, node: ast.Call, *, skip: bool) -> bool:
    """Say whether a call's arguments fit an overload, as far as its literals tell."""
    found = signature(overload)
    spread = any(isinstance(part, ast.Starred) for part in node.args)
    if found is None or spread or any(keyword.arg is None for keyword in node.keywords):
        return False
    arguments = [ast.Constant(None), *node.args] if skip else node.args
    try:
        bound = found.bind(*arguments, **{str(keyword.arg): keyword.value for keyword in node.keywords})
    except TypeError:
        return False
    return all(_literal(found.parameters[name], value) for name, value in bound.arguments.items())


def _literal(parameter: inspect.Parameter, value: Any) -> bool:
    text = str(parameter.annotation)
    if "Literal[" not in text or not isinstance(value, ast.Constant):
        return "Literal[" not in text
    return repr(value.value) in text


def _promised(annotation: Any, function: Any, owner: type | None) -> Value:
    if isinstance(annotation, str):
        try:
            return _of_node(ast.parse(annotation, mode="eval").body, function, owner)
        except SyntaxError:
            return None
    if inspect.isclass(annotation):
        return _of_class(annotation)
    return _of_node(_node(annotation), function, owner) if annotation is not None else None


def _node(annotation: Any) -> ast.expr:
    try:
        return ast.parse(str(annotation).replace("typing.", ""), mode="eval").body
    except SyntaxError:
        return ast.Constant(...)


def _of_node(node: ast.expr, function: Any, owner: type | None) -> Value:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union((node.left, node.right), function, owner)
    if isinstance(node, ast.Subscript):
        return _of_subscript(node, function, owner)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _promised(node.value, function, owner)
    if isinstance(node, ast.Name) and node.id == "Self":
        return Instance((owner,)) if owner is not None else None
    found = _lookup(node, function)
    if isinstance(found, typing.TypeVar):
        return _argument(found, owner)
    return _of_class(found) if inspect.isclass(found) else None


def _union(nodes: Iterable[ast.expr], function: Any, owner: type | None) -> Value:
    # Whoever calls a method of what may be None means the other.
    rest = [node for node in nodes if not (isinstance(node, ast.Constant) and node.value is None)]
    values = [_of_node(node, function, owner) for node in rest]
    found = values[0] if values else None
    for value in values[1:]:
        found = join(found, value)
    return found


def _of_subscript(node: ast.Subscript, function: Any, owner: type | None) -> Value:
    name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in {"Optional", "Union"}:
        return _union(inner, function, owner)
    if name in {"tuple", "Tuple"}:
        if any(isinstance(part, ast.Constant) and part.value is ... for part in inner):
            return Instance((tuple,))
        return Row(tuple(_of_node(part, function, owner) for part in inner))
    if name in {"Literal", "Callable", "Annotated", "type", "Type"}:
        return None
    return _of_node(node.value, function, owner)


def _lookup(node: ast.expr, function: Any) -> Any:
    space = getattr(function, "__globals__", {})
    top = str(space.get("__name__", "") or getattr(function, "__module__", "")).split(".")[0]
    if isinstance(node, ast.Attribute):
        return getattr(_lookup(node.value, function), node.attr, None)
    if not isinstance(node, ast.Name):
        return None
    if node.id in space:
        return space[node.id]
    # Names that a library imports for type checkers alone.
    own = {"list": list, "dict": dict, "set": set, "str": str, "tuple": tuple, "bytes": bytes}
    alias = {"np": sys.modules.get("numpy"), "pd": sys.modules.get("pandas")}
    return own.get(node.id) or alias.get(node.id) or resolve(f"{top}.{node.id}") or class_named(top, node.id)


def _of_class(cls: type) -> Value:
    if cls.__name__ in _VAGUE or cls.__module__ in {"typing", "collections.abc", "abc", "typing_extensions"}:
        return None
    return None if getattr(cls, "__abstractmethods__", None) else Instance((cls,))


def _argument(variable: typing.TypeVar, owner: type | None) -> Value:
    """Return what a generic class of a library is said to be of: `GroupBy[DataFrame]`."""
    for part in owner.__mro__ if owner is not None else ():
        for base in vars(part).get("__orig_bases__", ()):
            parameters = getattr(typing.get_origin(base), "__parameters__", ())
            if variable in parameters:
                argument = typing.get_args(base)[parameters.index(variable)]
                name = getattr(argument, "__forward_arg__", "")
                found = class_named(part.__module__.split(".")[0], name) if name else argument
                return _of_class(found) if inspect.isclass(found) else None
    return None
