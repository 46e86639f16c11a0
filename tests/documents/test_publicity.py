"""The name that a reader knows an object by."""

from __future__ import annotations

import griffe

from gptoss_lab.documents.blocks import Symbol
from gptoss_lab.documents.publicity import is_internal, ordered, weighed


def function(docstring: str) -> griffe.Function:
    """Return a function that says so of itself."""
    return griffe.Function("f", docstring=griffe.Docstring(docstring))


def test_a_short_public_name_comes_first() -> None:
    """Folders called core or internal come last, then depth decides."""
    names = ["lib.core.f", "lib.tables.f", "lib.f"]
    assert ordered(function(""), names) == ["lib.f", "lib.tables.f", "lib.core.f"]
    assert [is_internal(name) for name in names] == [True, False, False]


def test_examples_decide_between_classes_that_inherit() -> None:
    """Prose may name others; what the prompts use is what the method was written for."""
    item = function("Like Alpha, Alpha and Alpha.\n\n>>> Table([1]).f()\n1\n")
    assert ordered(item, ["lib.Alpha.f", "lib.Table.f"])[0] == "lib.Table.f"
    assert ordered(function("Words."), ["lib.Table.f", "lib.Alpha.f"])[0] == "lib.Alpha.f"


def test_what_a_package_shows_is_worth_more() -> None:
    """Its front, and the methods and namespaces of what stands there; errors are worth least."""
    front = Symbol("lib.Table", "class", aliases=("lib.core.Table",))
    items = [
        front,
        Symbol("lib.Table.f", "method"),
        Symbol("lib.Table.str.f", "method"),
        Symbol("lib.deep.g", "function"),
        Symbol("lib.TableError", "class", aliases=("lib.core.TableError",)),
    ]
    assert [item.worth for item in weighed(items)] == [1.0, 1.0, 1.0, 0.9, 0.7]


def test_a_package_without_a_front_is_not_ranked() -> None:
    """Where little is shown again, a deep name says nothing; errors are errors."""
    items = [Symbol("lib.a.f", "function"), Symbol("lib.b.g", "function"), Symbol("lib.b.BadError", "class")]
    assert [item.worth for item in weighed(items)] == [1.0, 1.0, 0.7]
