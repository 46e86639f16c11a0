"""Which packages a task is about."""

from __future__ import annotations

from gptoss_lab.documents.scope import LANGUAGE, package_of, scope_of


def test_the_standard_library_is_one_package() -> None:
    """Builtins and modules of the language belong together."""
    assert {package_of(name) for name in ("str.join", "json.loads", "len")} == {LANGUAGE}
    assert package_of("pandas.DataFrame.sum") == "pandas"


def test_a_task_names_or_imports_packages() -> None:
    """By its words, its imports, and those of the notebook; else it is about the language."""
    known = ("numpy", "pandas")
    assert scope_of("mean of a pandas column", known) == {"pandas"}
    assert scope_of("import numpy as np\nthe mean", known) == {"numpy"}
    assert scope_of("the mean", known, ("pandas",)) == {"pandas"}
    assert scope_of("join the words", known) == {LANGUAGE}
