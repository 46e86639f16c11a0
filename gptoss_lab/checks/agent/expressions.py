"""Expressions: what each stands for, and whether its names and calls exist."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gptoss_lab.checks.agent.library import SUCCESSORS, Library, near, version
from gptoss_lab.checks.agent.values import (
    Instance,
    Known,
    Method,
    Value,
    builtin,
    called,
    items,
    lacks,
    makes_members,
    returned,
    shown,
    signature,
)

LITERALS: dict[type[ast.AST], type] = {
    ast.List: list,
    ast.ListComp: list,
    ast.Dict: dict,
    ast.DictComp: dict,
    ast.Set: set,
    ast.SetComp: set,
    ast.Tuple: tuple,
    ast.JoinedStr: str,
}
SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
PLAIN = (str, list, dict, set, int, float, bytes, tuple)


class Expressions:
    """Knows what names stand for and collects findings. `quiet` above 0 finds nothing."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.names: dict[str, Value] = {}
        self.findings: list[dict[str, Any]] = []
        self.excused: set[str] = set()
        self.cell = ""
        self.quiet = 0

    @contextmanager
    def silence(self, when: bool) -> Iterator[None]:
        """Report nothing inside, where `when` holds."""
        self.quiet += when
        yield
        self.quiet -= when

    def forget(self, *nodes: ast.AST) -> None:
        """Drop what is known of every name that these nodes bind."""
        for part in (part for node in nodes for part in ast.walk(node)):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                self.names.pop(part.id, None)
            elif isinstance(part, ast.arg):
                self.names.pop(part.arg, None)
            elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.names.pop(part.name, None)

    def infer(self, node: ast.expr) -> Value:
        """Check an expression; return what it stands for, None when that is not known."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id) or builtin(node.id)
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.Subscript):
            owner = self.infer(node.value)
            self.infer(node.slice)
            return items(owner)
        if isinstance(node, ast.Constant):
            return None if node.value is None or node.value is ... else Instance((type(node.value),))
        self.parts(node)
        return Instance((LITERALS[type(node)],)) if type(node) in LITERALS else None

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
            self.names.pop(node.target.id, None)

    def attribute(self, node: ast.Attribute, *, is_called: bool = False) -> Value:
        """Check `owner.name`."""
        owner = self.infer(node.value)
        if isinstance(owner, Known):
            return self.known_attribute(node, owner.value)
        if isinstance(owner, Instance):
            return self.member(node, owner.classes, is_called=is_called)
        if is_called and owner is None:
            self.unknown_receiver(node)
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
        if is_called and all(lacks(cls, node.attr) for cls in classes):
            self.absent(node, classes[0], node.attr)
            return None
        having = [cls for cls in classes if hasattr(cls, node.attr)]
        if is_called and not having and not any(makes_members(cls) for cls in classes):
            self.unknown_receiver(node)
        if len(having) != 1:
            return None
        static = inspect.getattr_static(having[0], node.attr, None)
        if isinstance(static, property):
            return returned(static.fget, having[0]) if static.fget else None
        value = getattr(having[0], node.attr)
        if inspect.isclass(value):
            if inspect.isclass(static):
                return Known(value)
            # A descriptor that hands out its class when read on the class, such as `Series.str`.
            return None if is_called else Instance((value,))
        return Method(having[0], node.attr) if callable(value) else None

    def unknown_receiver(self, node: ast.Attribute) -> None:
        """Alarm when no class that is loaded has such a method."""
        name = node.attr
        if not self.library.complete or not self.library.has_packages or name in self.excused:
            return
        if name in self.library.members or any(hasattr(kind, name) for kind in PLAIN):
            return
        message = f"No class of the imported packages has a method `{name}`."
        self.report(node, name, message, near(name, self.library.members))

    def call(self, node: ast.Call) -> Value:
        """Check a call's target and its arguments."""
        if isinstance(node.func, ast.Attribute):
            function = self.attribute(node.func, is_called=True)
        else:
            function = self.infer(node.func)
        for part in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.infer(part.value if isinstance(part, ast.Starred) else part)
        if isinstance(function, Method):
            self.bind(node, function.signature(), function.title)
            return function.returned()
        if not isinstance(function, Known) or not callable(function.value):
            return None
        title = getattr(function.value, "__qualname__", "") or ast.unparse(node.func)
        self.bind(node, signature(function.value), title)
        return called(function.value)

    def bind(self, node: ast.Call, found: inspect.Signature | None, title: str) -> None:
        """Check that the arguments fit a signature. Missing ones may come by `*` or `**`."""
        if found is None:
            return
        parameters = found.parameters.values()
        named = [p.name for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}]
        keywords = [keyword.arg for keyword in node.keywords if keyword.arg]
        told = f"Its signature is `{title}{shown(found)}`."
        unknown = [name for name in keywords if name not in named]
        if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters):
            message = f"`{title}` has no parameter `{unknown[0]}`. {told}"
            self.report(node, f"{title}.{unknown[0]}", message, near(unknown[0], named))
            return
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            return
        try:
            found.bind_partial(*node.args, **dict.fromkeys(keywords))
        except TypeError as error:
            self.report(node, title, f"`{title}` cannot be called so: {error}. {told}")

    def absent(self, node: ast.expr | ast.stmt, owner: Any, name: str, told: str = "") -> None:
        """Report a name that its module or class does not have."""
        if name in self.excused:
            return
        what = getattr(owner, "__qualname__", "") or getattr(owner, "__name__", "")
        top = str(getattr(owner, "__module__", "") or getattr(owner, "__name__", "")).split(".")[0]
        message = f"`{what}` has no `{name}` in the installed `{top}`{version(top)}."
        # A library that knows what became of the name says so in its error.
        extra = f" {told}" if told and "has no attribute" not in told else ""
        successor = [SUCCESSORS[f"{what}.{name}"]] if f"{what}.{name}" in SUCCESSORS else []
        self.report(node, f"{what}.{name}", message + extra, [*successor, *near(name, dir(owner))])

    def report(
        self, node: ast.expr | ast.stmt, symbol: str, message: str, suggestions: Iterable[str] = ()
    ) -> None:
        """Add a finding once."""
        place = {"cell": self.cell, "line": node.lineno, "symbol": symbol}
        finding = {**place, "message": message, "suggestions": list(suggestions)}
        if not self.quiet and finding not in self.findings:
            self.findings.append(finding)
