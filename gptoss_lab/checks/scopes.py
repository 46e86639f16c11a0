"""Which names a statement binds, and which it needs, now or later.

Source: https://docs.python.org/3/reference/executionmodel.html#naming-and-binding
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, slots=True)
class Use:
    """A name that is read. `deferred` uses run later, when a function is called."""

    name: str
    line: int
    deferred: bool


def bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that these nodes bind in their own scope."""
    names: set[str] = set()
    for node in nodes:
        names |= _bound(node)
    return names


def global_names(tree: ast.AST) -> set[str]:
    """Return the names that functions declare `global`: calling them binds the module's names."""
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}


def uses(node: ast.AST, local: frozenset[str] = frozenset(), *, deferred: bool = False) -> Iterator[Use]:
    """Yield the names that `node` reads and that none of its own inner scopes binds."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in local:
            yield Use(node.id, node.lineno, deferred)
    elif isinstance(node, Function):
        yield from _function(node, local, deferred=deferred)
    elif isinstance(node, Comprehension):
        inner = local | bound_names(generator.target for generator in node.generators)
        yield from _children(node, inner, deferred=deferred)
    elif isinstance(node, ast.ClassDef):
        yield from _class(node, local, deferred=deferred)
    elif isinstance(node, ast.Try) and any(_expects_missing_name(handler) for handler in node.handlers):
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            yield from uses(part, local, deferred=deferred)
    else:
        yield from _children(node, local, deferred=deferred)


def _expects_missing_name(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or "NameError" in ast.unparse(handler.type)


def _children(node: ast.AST, local: frozenset[str], *, deferred: bool) -> Iterator[Use]:
    for child in ast.iter_child_nodes(node):
        yield from uses(child, local, deferred=deferred)


def _function(node: Function, local: frozenset[str], *, deferred: bool) -> Iterator[Use]:
    for outside in _signature(node):
        yield from uses(outside, local | _type_params(node), deferred=deferred)
    body = node.body if isinstance(node.body, list) else [node.body]
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
    declared = {name for part in body for name in global_names(part)}
    inner = local | {argument.arg for argument in named} | (bound_names(body) - declared) | _type_params(node)
    for part in body:
        yield from uses(part, inner | {"__class__"}, deferred=True)


def _signature(node: Function) -> list[ast.AST]:
    """Return what is evaluated where a function is defined; annotations may be lazy."""
    defaults: list[ast.AST] = [
        default for default in (*node.args.defaults, *node.args.kw_defaults) if default
    ]
    return defaults if isinstance(node, ast.Lambda) else [*node.decorator_list, *defaults]


def _class(node: ast.ClassDef, local: frozenset[str], *, deferred: bool) -> Iterator[Use]:
    outside = local | _type_params(node)
    for outer in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
        yield from uses(outer, outside, deferred=deferred)
    members = bound_names(node.body) | {"__module__", "__qualname__"}
    for part in node.body:
        # A method does not see the names of its class body.
        scope = outside if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) else outside | members
        for use in uses(part, scope | {node.name}, deferred=deferred):
            if use.deferred or use.name not in members:
                yield use


def _type_params(node: ast.AST) -> frozenset[str]:
    return frozenset(parameter.name for parameter in getattr(node, "type_params", ()))


def _bound(node: ast.AST) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Lambda, Comprehension)):
        # Only the walrus reaches out of these scopes.
        return {part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)}
    names = _own_names(node)
    for child in ast.iter_child_nodes(node):
        names |= _bound(child)
    return names


def _own_names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        return {node.name}
    if isinstance(node, ast.MatchMapping) and node.rest:
        return {node.rest}
    return set()
