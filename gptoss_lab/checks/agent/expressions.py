"""Expressions: what each stands for, and whether its names and calls exist."""

from __future__ import annotations

import ast
import inspect
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from gptoss_lab.checks.agent.library import Library
from gptoss_lab.checks.agent.members import DATA_GETATTR, has_no, lacks, makes_members
from gptoss_lab.checks.agent.operators import computed, items
from gptoss_lab.checks.agent.promises import called, method_called, returned
from gptoss_lab.checks.agent.unknown import Unknown
from gptoss_lab.checks.agent.values import (
    Instance,
    Known,
    Local,
    Method,
    Row,
    Target,
    Value,
    builtin,
    classes_of,
    join,
    signature,
)

LITERALS: dict[type[ast.AST], type] = {
    ast.List: list,
    ast.ListComp: list,
    ast.Dict: dict,
    ast.DictComp: dict,
    ast.Set: set,
    ast.SetComp: set,
    ast.JoinedStr: str,
}
SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Expressions(Unknown, ABC):
    """Knows what names stand for."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self.names: dict[str, Value] = {}

    def forget(self, *nodes: ast.AST) -> None:
        """Drop what is known of every name that these nodes bind."""
        for part in (part for node in nodes for part in ast.walk(node)):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                self.names[part.id] = None
            elif isinstance(part, ast.arg):
                self.names[part.arg] = None
            elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.names[part.name] = None

    def infer(self, node: ast.expr) -> Value:
        """Check an expression; return what it stands for, None when that is not known."""
        handler: Any = getattr(self, f"see_{type(node).__name__.lower()}", None)
        if handler is not None:
            value: Value = handler(node)
            return value
        self.parts(node)
        return Instance((LITERALS[type(node)],)) if type(node) in LITERALS else None

    def see_name(self, node: ast.Name) -> Value:
        """Return what a name stands for."""
        return self.names[node.id] if node.id in self.names else builtin(node.id)

    def see_constant(self, node: ast.Constant) -> Value:
        """Return the class of a literal."""
        return None if node.value is None or node.value is ... else Instance((type(node.value),))

    def see_attribute(self, node: ast.Attribute) -> Value:
        """Check `owner.name`."""
        return self.attribute(node)

    def see_subscript(self, node: ast.Subscript) -> Value:
        """Check `owner[index]`."""
        owner = self.infer(node.value)
        self.infer(node.slice)
        return items(owner, node.slice)

    def see_tuple(self, node: ast.Tuple) -> Value:
        """Check a tuple part by part."""
        if any(isinstance(part, ast.Starred) for part in node.elts):
            self.parts(node)
            return Instance((tuple,))
        return Row(tuple(self.infer(part) for part in node.elts))

    def see_binop(self, node: ast.BinOp) -> Value:
        """Check both sides of an operator."""
        return computed(self.infer(node.left), node.op, self.infer(node.right))

    def see_compare(self, node: ast.Compare) -> Value:
        """Check all sides of a comparison."""
        values = [self.infer(part) for part in (node.left, *node.comparators)]
        plain = len(values) > 1 and not isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot))
        return computed(values[0], node.ops[0], values[1]) if plain else None

    def see_unaryop(self, node: ast.UnaryOp) -> Value:
        """Check what a sign stands before."""
        value = self.infer(node.operand)
        return None if isinstance(node.op, ast.Not) else value

    def see_ifexp(self, node: ast.IfExp) -> Value:
        """Check both ways of a conditional expression."""
        self.infer(node.test)
        return join(self.infer(node.body), self.infer(node.orelse))

    def see_lambda(self, node: ast.Lambda) -> Value:
        """Check a function without a name, with nothing known of its parameters."""
        self.parts(node)
        return Local(node, dict(self.names), self.cell, self.quiet)

    def parts(self, node: ast.AST) -> None:
        """Check every expression below a node, in a scope of its own where it has one."""
        outer = dict(self.names)
        if isinstance(node, SCOPES):
            self.forget(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.infer(child)
            else:
                self.parts(child)
        if isinstance(node, SCOPES):
            self.names = outer
        elif isinstance(node, ast.NamedExpr):
            self.names[node.target.id] = None

    def attribute(self, node: ast.Attribute, *, is_called: bool = False) -> Value:
        """Check `owner.name`."""
        owner = self.infer(node.value)
        if isinstance(owner, Known):
            return self.known_attribute(node, owner.value)
        if classes_of(owner):
            return self.member(node, classes_of(owner), is_called=is_called)
        if is_called and owner is None:
            self.unknown_receiver(node)
        elif owner is None and isinstance(node.ctx, ast.Load):
            self.unknown_attribute(node)
        return None

    def known_attribute(self, node: ast.Attribute, owner: Any) -> Value:
        """Check a name of a module or class."""
        value, error = self.library.get(owner, node.attr)
        if error is None:
            return Known(value)
        if inspect.ismodule(owner) or (inspect.isclass(owner) and lacks(owner, node.attr)):
            self.absent(node, owner, node.attr, str(error))
        return None

    def member(self, node: ast.Attribute, classes: tuple[type, ...], *, is_called: bool) -> Value:
        """Check a member of an object; attributes that are not called may be set at run time."""
        if isinstance(node.ctx, ast.Load) and all(
            (lacks if is_called else has_no)(cls, node.attr) for cls in classes
        ):
            self.absent(node, classes[0], node.attr)
            return None
        having = tuple(cls for cls in classes if hasattr(cls, node.attr))
        if is_called and not having and not any(makes_members(cls) for cls in classes):
            self.unknown_receiver(node)
        found: list[Value] = [_member_of(cls, node.attr, is_called=is_called) for cls in having]
        if found and all(isinstance(value, Method) for value in found):
            return Method(having, node.attr)
        if not found and not is_called and all(_is_table(cls) for cls in classes):
            return self.column(node, classes)
        value = found[0] if found else None
        for other in found[1:]:
            value = join(value, other)
        return value

    def see_call(self, node: ast.Call) -> Value:
        """Check a call's target and its arguments."""
        is_member = isinstance(node.func, ast.Attribute)
        if isinstance(node.func, ast.Attribute):
            function = self.attribute(node.func, is_called=True)
        else:
            function = self.infer(node.func)
        arguments = [self.infer(part.value if isinstance(part, ast.Starred) else part) for part in node.args]
        named = {str(keyword.arg): self.infer(keyword.value) for keyword in node.keywords}
        if isinstance(function, Local):
            return self.local_call(function, node, arguments, named)
        if isinstance(function, Method):
            return self.method_call(function, node)
        if isinstance(function, Known) and callable(function.value):
            found = signature(function.value)
            title = getattr(function.value, "__qualname__", "") or ast.unparse(node.func)
            self.bind(node, {title: Target(found, function.value)} if found is not None else {})
            return called(function.value, node, [*arguments, *named.values()])
        if function is None and is_member:
            self.any_receiver(node)
        return None

    @abstractmethod
    def local_call(
        self, function: Local, node: ast.Call, arguments: Sequence[Value], named: dict[str, Value]
    ) -> Value:
        """Check a call of a function of the cells."""

    def method_call(self, method: Method, node: ast.Call) -> Value:
        """Check a call of a method; return what it gives."""
        self.bind(node, method.targets())
        value: Value = method_called(method.classes[0], method.name, node)
        for cls in method.classes[1:]:
            value = join(value, method_called(cls, method.name, node))
        return value


def _is_table(cls: type) -> bool:
    """Say whether an attribute that a class does not have is a column."""
    return cls.__name__ == "DataFrame" and cls.__module__.split(".")[0] in DATA_GETATTR


def _member_of(cls: type, name: str, *, is_called: bool) -> Value:
    static = inspect.getattr_static(cls, name, None)
    if isinstance(static, property):
        return returned(static.fget, cls) if static.fget else None
    value = getattr(cls, name)
    if inspect.isclass(value):
        if inspect.isclass(static):
            return Known(value)
        # A descriptor that hands out its class when read on the class, such as `Series.str`.
        return None if is_called else Instance((value,))
    return Method((cls,), name) if callable(value) else None
