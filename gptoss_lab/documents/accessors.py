"""Namespaces that hang on a class: `str = Accessor("str", StringMethods)` gives `Series.str.split`."""

from __future__ import annotations

import ast

import griffe


def accessor_class(item: griffe.Object) -> griffe.Class | None:
    """Return the class behind an attribute that is made from its own name and a class, if it is one.

    This is how pandas and what extends it hang namespaces on a class; the attribute's methods are
    API that no other public name leads to.

    Source: https://pandas.pydata.org/docs/development/extending.html#registering-custom-accessors
    """
    if not isinstance(item, griffe.Attribute) or not isinstance(item.value, griffe.ExprCall):
        return None
    arguments = item.value.arguments
    if len(arguments) != 2 or not _names(arguments[0], item.name):  # noqa: PLR2004 - a name and a class
        return None
    made = arguments[1]
    if not isinstance(made, (griffe.ExprName, griffe.ExprAttribute)):
        return None
    try:
        found = item.modules_collection[made.canonical_path]
        target = found.final_target if isinstance(found, griffe.Alias) else found
    except (griffe.GriffeError, KeyError, ValueError, RecursionError):  # it leads out of the package
        return None
    return target if isinstance(target, griffe.Class) else None


def _names(argument: str | griffe.Expr, name: str) -> bool:
    try:
        return isinstance(argument, str) and ast.literal_eval(argument) == name
    except (ValueError, SyntaxError):
        return False
