"""Statements: what names stand for after each."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from gptoss_lab.checks.agent.excuses import excused, looks_before, tolerates
from gptoss_lab.checks.agent.functions import Functions
from gptoss_lab.checks.agent.library import exists, version
from gptoss_lab.checks.agent.values import Known, Row, Value, join

MAX_LOOPS = 2
"""Each loop's body is walked twice, so that those within would be walked ever more often."""


class Checker(Functions):
    """Walks cells in order."""

    loops = 0
    in_class = False

    def run(self, cell: str, tree: ast.Module, *, report: bool = True) -> None:
        """Check one cell, or only learn from it."""
        self.cell = cell
        self.excused |= excused(tree)
        with self.silence(not report):
            self.block(tree.body)

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Check statements in order."""
        for statement in statements:
            handler: Any = getattr(self, f"on_{type(statement).__name__.lower()}", self.any_statement)
            handler(statement)

    def any_statement(self, node: ast.AST) -> None:
        """Check a statement that says nothing of what its names stand for."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.infer(child)
            elif isinstance(child, ast.stmt):
                self.block([child])
            else:
                self.any_statement(child)
        self.forget(node)

    def branches(self, *blocks: Sequence[ast.stmt]) -> None:
        """Check blocks of which any may run; keep what they agree on."""
        before, ends = self.names, []
        for block in blocks:
            self.names = dict(before)
            self.block(block)
            ends.append(self.names)
        merged = ends[0]
        for end in ends[1:]:
            merged = {name: join(value, end[name]) for name, value in merged.items() if name in end}
        self.names = merged

    def on_import(self, node: ast.Import) -> None:
        """Bind the modules of `import a.b as c`."""
        for alias in node.names:
            top = alias.name.split(".")[0]
            module = self.module(node, alias.name)
            name = alias.asname or top
            self.names[name] = None
            if module is not None:
                self.names[name] = Known(module if alias.asname else sys.modules[top])

    def on_importfrom(self, node: ast.ImportFrom) -> None:
        """Bind the names of `from a import b`."""
        if node.level or not node.module:
            return
        module = self.module(node, node.module)
        for alias in node.names:
            self.names[alias.asname or alias.name] = None
            if module is None or alias.name == "*":
                continue
            value, error = self.library.get(module, alias.name)
            if error is None:
                self.names[alias.asname or alias.name] = Known(value)
            else:
                self.absent(node, module, alias.name, str(error))

    def module(self, node: ast.stmt, name: str) -> ModuleType | None:
        """Import a module; report one that its installed package does not have."""
        module = self.library.load(name)
        top = name.split(".", maxsplit=1)[0]
        if module is None and name != top and self.library.modules[top] and not exists(name):
            self.report(node, name, f"There is no module `{name}` in the installed `{top}`{version(top)}.")
        return module

    def on_assign(self, node: ast.Assign) -> None:
        """Bind what `a = b = value` binds."""
        self.assign(self.infer(node.value), node.targets)

    def on_annassign(self, node: ast.AnnAssign) -> None:
        """Bind what `a: T = value` binds."""
        self.assign(self.infer(node.value) if node.value is not None else None, [node.target])

    def assign(self, value: Value, targets: Sequence[ast.expr]) -> None:
        """Bind a value to its targets."""
        for target in targets:
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                self.infer(target.value)
            if isinstance(target, ast.Subscript):
                self.infer(target.slice)
            self.forget(target)
            self.bind_target(target, value)

    def bind_target(self, target: ast.expr, value: Value) -> None:
        """Bind a value to a name, or its parts to the names of a row."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(value, Row)
            and len(target.elts) == len(value.parts)
        ):
            for part, inner in zip(target.elts, value.parts, strict=True):
                self.bind_target(part, inner)

    def on_if(self, node: ast.If) -> None:
        """Check both branches; one that looks before it leaps is trusted."""
        self.infer(node.test)
        with self.silence(looks_before(node.test)):
            self.branches(node.body, node.orelse)

    def on_for(self, node: ast.For | ast.AsyncFor) -> None:
        """Check a loop's body as if it may run many times or never."""
        self.infer(node.iter)
        self.loop(node.target, node.body)
        self.block(node.orelse)

    on_asyncfor = on_for

    def on_while(self, node: ast.While) -> None:
        """Check a loop's body as if it may run many times or never."""
        self.infer(node.test)
        self.loop(node.test, node.body)
        self.block(node.orelse)

    def loop(self, target: ast.expr, body: Sequence[ast.stmt]) -> None:
        """Check a body that may run many times: first for what it leaves to its next round."""
        self.forget(target)
        if self.loops >= MAX_LOOPS:
            self.forget(*body)
        else:
            # As the first round finds it.
            self.loops += 1
            self.branches(body, [])
            self.loops -= 1
            self.forget(target)
        self.branches(body, [])

    def on_with(self, node: ast.With | ast.AsyncWith) -> None:
        """Check the body of a `with`; what it binds stays bound."""
        for item in node.items:
            self.infer(item.context_expr)
            if item.optional_vars is not None:
                self.forget(item.optional_vars)
        self.block(node.body)

    on_asyncwith = on_with

    def on_try(self, node: ast.Try) -> None:
        """Check a `try`; what its handlers catch is not reported."""
        with self.silence(any(tolerates(handler) for handler in node.handlers)):
            self.branches([*node.body, *node.orelse], *(handler.body for handler in node.handlers))
        self.block(node.finalbody)

    on_trystar = on_try

    def on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Check a function; what decorates it may call it with anything, and a class's methods too."""
        arguments = node.args
        for part in (*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)):
            self.infer(part)
        if node.decorator_list or self.in_class:
            self.scope(node, arguments, *node.body)
        else:
            self.define(node)

    on_asyncfunctiondef = on_functiondef

    def on_classdef(self, node: ast.ClassDef) -> None:
        """Check a class's body."""
        for part in (*node.decorator_list, *node.bases):
            self.infer(part)
        self.scope(node, *node.body)

    def scope(self, node: ast.stmt, *inside: ast.AST) -> None:
        """Check a body whose names are its own."""
        outer, was_in_class = dict(self.names), self.in_class
        self.in_class = isinstance(node, ast.ClassDef)
        self.returns.append([])
        self.forget(*inside)
        self.block([part for part in inside if isinstance(part, ast.stmt)])
        self.returns.pop()
        self.names, self.in_class = outer, was_in_class
        self.names[getattr(node, "name", "")] = None
