"""The qualified names that an example calls, as far as its text says."""

from __future__ import annotations

import ast

from gptoss_lab.documents.imports import NameTable, bound_by

_SAME_OBJECT = frozenset({"fit", "partial_fit", "set_params", "copy"})


def called_names(tree: ast.Module, names: NameTable) -> tuple[str, ...]:
    """Return the qualified names that the code calls, in order of appearance.

    A method counts when its receiver's class is plain: a constructor call, or a method that
    returns its own object.
    """
    walker = _Calls(names, bound_by(tree))
    walker.visit(tree)
    return tuple(dict.fromkeys(walker.found))


class _Calls(ast.NodeVisitor):
    def __init__(self, names: NameTable, bound: dict[str, str]) -> None:
        self._names = names
        self._bound = bound
        self._roots = {name.partition(".")[0] for name in bound.values()}
        self._classes: dict[str, str] = {}
        self.found: list[str] = []

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remember the class of what a constructor made."""
        self.generic_visit(node)
        made = self._class_of(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._classes[target.id] = made

    def visit_Call(self, node: ast.Call) -> None:
        """Note what is called."""
        self.generic_visit(node)
        qualname = self._qualname(node.func)
        if qualname and (self._names.kind(qualname) or qualname.split(".")[0] in self._roots):
            self.found.append(self._names.canonical(qualname))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note documented attributes too: indexers and accessors are not called."""
        self.generic_visit(node)
        qualname = self._qualname(node)
        if qualname and self._names.kind(qualname) == "attribute":
            self.found.append(self._names.canonical(qualname))

    def _qualname(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self._bound.get(node.id, "")
        if isinstance(node, ast.Attribute):
            owner = self._class_of(node.value) or self._qualname(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def _class_of(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self._classes.get(node.id, "")
        if not isinstance(node, ast.Call):
            return ""
        if isinstance(node.func, ast.Attribute) and node.func.attr in _SAME_OBJECT:
            return self._class_of(node.func.value)
        qualname = self._qualname(node.func)
        kind = self._names.kind(qualname)
        # Where nothing is known of it, a name in capitals is a class: pages often show no signature.
        capital = not kind and qualname.rpartition(".")[2][:1].isupper()
        return qualname if kind == "class" or capital else ""
