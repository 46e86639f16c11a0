"""The table of routes."""

from __future__ import annotations

import inspect

from gptoss_lab.routes import wire
from gptoss_lab.routes.table import ROUTES


def test_paths_are_unique_and_versioned() -> None:
    """Each address stands once, under the version."""
    paths = [route.path for route in ROUTES]
    assert len(paths) == len(set(paths))
    assert all(path.startswith("/api/v1/") for path in paths)


def test_bodies_are_wire_models() -> None:
    """Every model that the table names exists."""
    named = {name for route in ROUTES for op in route.operations for name in (op.request, op.reply)}
    assert named - {"", "object"} <= wire.HOMES.keys()


def test_verbs_are_short() -> None:
    """A handler translates and decides nothing: at most eight lines after its docstring."""
    for route in ROUTES:
        for op in route.operations:
            verb = inspect.unwrap(getattr(route.handler, op.verb.lower()))
            source = inspect.getsource(verb).splitlines()
            start = next(number for number, line in enumerate(source) if line.strip().endswith('"""'))
            assert len(source) - start - 1 <= 8, f"{op.verb} {route.path}"
