"""Functions that cells define: their bodies are checked with what their callers hand them."""

from __future__ import annotations

import ast
import inspect
from abc import abstractmethod
from collections.abc import Mapping, Sequence

from gptoss_lab.checks.agent.expressions import Expressions
from gptoss_lab.checks.agent.library import Library
from gptoss_lab.checks.agent.values import Function, Instance, Local, Target, Value, classes_of, join

MAX_DEPTH = 4
MAX_CALLS = 200
"""Bodies are walked once a call: chains of calls must not multiply without end."""


class Functions(Expressions):
    """Follows calls into the cells' own functions."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self.waiting: list[Local] = []
        self._called: set[int] = set()
        self._active: list[Local] = []
        self.returns: list[list[Value]] = []
        self._calls = 0

    @abstractmethod
    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Check statements in order."""

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Bind a function's name; its body waits for a caller, or for the end."""
        local = Local(node, dict(self.names), self.cell, self.quiet)
        local.names[node.name] = local
        self.names[node.name] = local
        self.waiting.append(local)

    def finish(self) -> None:
        """Check the bodies that nobody called, with nothing known of their parameters."""
        # A body may define more of them.
        while self.waiting:
            local = self.waiting.pop(0)
            if id(local.node) not in self._called:
                self._enter(local, {}, {**self.names, **local.names})

    def on_return(self, node: ast.Return) -> None:
        """Note what a function gives."""
        value = self.infer(node.value) if node.value is not None else None
        if self.returns:
            self.returns[-1].append(value)

    def local_call(
        self, function: Local, node: ast.Call, arguments: Sequence[Value], named: dict[str, Value]
    ) -> Value:
        """Check a call of a function of the cells, and its body with these arguments."""
        title = getattr(function.node, "name", "lambda")
        self.bind(node, {title: Target(_signature(function.node), None)})
        self._calls += 1
        if function in self._active or len(self._active) >= MAX_DEPTH or self._calls > MAX_CALLS:
            return None
        if any(isinstance(part, ast.Starred) for part in node.args) or "None" in named:
            return self._enter(function, {}, dict(function.names))
        parameters = function.node.args
        names = [one.arg for one in (*parameters.posonlyargs, *parameters.args)]
        given = {**dict(zip(names, arguments, strict=False)), **named}
        # What a cell calls sees all that the cells have bound by then.
        space = dict(self.names) if not self._active else dict(function.names)
        return self._enter(function, given, space)

    def _enter(self, function: Local, given: Mapping[str, Value], space: dict[str, Value]) -> Value:
        self._called.add(id(function.node))
        outer, place = self.names, (self.cell, self.quiet)
        self.names, self.cell = space, function.cell
        self.quiet = max(self.quiet, function.quiet) if place[0] == function.cell else function.quiet
        self._active.append(function)
        self.returns.append([])
        try:
            self._parameters(function.node, given)
            return self._body(function.node)
        finally:
            self._active.pop()
            self.returns.pop()
            self.names = outer
            self.cell, self.quiet = place

    def _body(self, node: Function) -> Value:
        if isinstance(node, ast.Lambda):
            return self.infer(node.body)
        self.block(node.body)
        found = self.returns[-1]
        if not found or isinstance(node, ast.AsyncFunctionDef) or _yields(node):
            return None
        value = found[0]
        for other in found[1:]:
            value = join(value, other)
        return value

    def _parameters(self, node: Function, given: Mapping[str, Value]) -> None:
        parameters = node.args
        positional = [*parameters.posonlyargs, *parameters.args]
        defaults = dict(
            zip(reversed([one.arg for one in positional]), reversed(parameters.defaults), strict=False)
        )
        defaults.update({
            one.arg: default
            for one, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
            if default is not None
        })
        body = node.body if isinstance(node.body, list) else []
        self.forget(*body)
        for one in (*positional, *parameters.kwonlyargs):
            default = defaults.get(one.arg)
            self.names[one.arg] = given[one.arg] if one.arg in given else self._default(default)
        for extra, kind in ((parameters.vararg, tuple), (parameters.kwarg, dict)):
            if extra is not None:
                self.names[extra.arg] = Instance((kind,))

    def _default(self, node: ast.expr | None) -> Value:
        """Return what a default tells of a parameter: an object of a library is an example of it."""
        if not isinstance(node, ast.Name):
            return None
        value = self.names.get(node.id)
        own = all(cls.__module__ == "builtins" for cls in classes_of(value))
        return None if own else value


def _yields(node: ast.FunctionDef) -> bool:
    return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in ast.walk(node))


def _signature(node: Function) -> inspect.Signature:
    """Return the signature of a function as its text gives it."""
    kinds, parameters = inspect.Parameter, node.args
    positional = [
        *((one, kinds.POSITIONAL_ONLY) for one in parameters.posonlyargs),
        *((one, kinds.POSITIONAL_OR_KEYWORD) for one in parameters.args),
    ]
    optional = len(positional) - len(parameters.defaults)
    found = [
        kinds(one.arg, kind, default=kinds.empty if number < optional else None)
        for number, (one, kind) in enumerate(positional)
    ]
    if parameters.vararg is not None:
        found.append(kinds(parameters.vararg.arg, kinds.VAR_POSITIONAL))
    found += [
        kinds(one.arg, kinds.KEYWORD_ONLY, default=kinds.empty if default is None else None)
        for one, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
    ]
    if parameters.kwarg is not None:
        found.append(kinds(parameters.kwarg.arg, kinds.VAR_KEYWORD))
    return inspect.Signature(found)
