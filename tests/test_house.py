"""The rules of the house, as far as a machine can see them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gptoss_lab"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in {"__init__.py", "_version.py"})
HARD_LIMIT = 400
REASONS = {
    "schemas/health.py": "fields only; routes/test_health.py reads it over HTTP",
    "checks/agent/": "sent into the sandbox as text; the tests of the checks drive it there and here",
}


def dotted(path: Path) -> str:
    """Return the name by which a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@cache
def imported(path: Path) -> frozenset[str]:
    """Return the names of all that a file imports: modules, and what it takes from them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def has_mirror(path: Path) -> bool:
    """Say whether tests/a/test_b.py is there for gptoss_lab/a/b.py."""
    inside = path.relative_to(PACKAGE)
    return (ROOT / "tests" / inside.parent / f"test_{inside.name}").is_file()


@cache
def covered() -> frozenset[str]:
    """Return the modules that tests reach without leaving the room.

    That is: those with a mirror, those that a test imports, and those that are parts of such a
    module, which its room's other modules import.
    """
    named = {name for path in (ROOT / "tests").rglob("*.py") for name in imported(path)}
    found = {path for path in MODULES if has_mirror(path) or dotted(path) in named}
    while True:
        parts = {
            part
            for part in MODULES
            if part not in found
            and any(dotted(part) in imported(whole) and room(whole) == room(part) for whole in found)
        }
        if not parts:
            return frozenset(dotted(path) for path in found)
        found |= parts


def room(path: Path) -> str:
    """Return the room of a module: the first folder under the package."""
    return path.relative_to(PACKAGE).parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_is_tested_in_its_room(path: Path) -> None:
    """By a mirror, or as a part of a module that has one; else there is a reason."""
    name = str(path.relative_to(PACKAGE))
    assert dotted(path) in covered() or any(name.startswith(reason) for reason in REASONS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_is_small_and_says_what_it_is(path: Path) -> None:
    """One noun per file."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= HARD_LIMIT
    assert ast.get_docstring(ast.parse(text))


def test_no_reason_is_left_over() -> None:
    """A reason for a file that is gone is no reason."""
    assert all((PACKAGE / name).exists() for name in REASONS)


def test_a_module_that_nothing_tests_is_found() -> None:
    """The rule above can fail: an untested module is not reached by accident."""
    assert "gptoss_lab.schemas.health" not in covered()
    assert "gptoss_lab.routes.sse" in covered()


def test_tests_say_what_they_expect() -> None:
    """One sentence of docstring per test."""
    silent = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("test_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert not silent
