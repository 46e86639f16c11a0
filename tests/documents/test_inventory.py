"""Reading the public API of a package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gptoss_lab.documents.blocks import Symbol
from gptoss_lab.documents.inventory import read_package
from gptoss_lab.documents.packages import find_package
from gptoss_lab.errors import DocumentError
from tests.fakes.documents import install_package


@pytest.fixture
def symbols(tmp_path: Path) -> dict[str, Symbol]:
    """Return the symbols of the small package by name."""
    install_package(tmp_path)
    return {item.qualname: item for item in read_package(find_package("minitab", [(tmp_path, "server")]))}


def test_an_object_has_its_public_name_and_keeps_its_others(symbols: dict[str, Symbol]) -> None:
    """What a package re-exports is known under the short name; where it is defined is an alias."""
    assert "minitab.core.frames.Table" in symbols["minitab.Table"].aliases
    assert "minitab.core.frames.Table.groupby" in symbols["minitab.Table.groupby"].aliases
    assert "minitab.core.frames.Table" not in symbols
    assert "minitab.core.frames.Grouped" not in symbols


def test_private_names_and_tests_are_left_out(symbols: dict[str, Symbol]) -> None:
    """Neither underscore names nor test modules are API."""
    assert not [
        name for name in symbols if "_" in name.rpartition(".")[2] and name.rpartition(".")[2][0] == "_"
    ]
    assert not [name for name in symbols if ".tests" in name]


def test_inherited_members_are_known_under_the_subclass(symbols: dict[str, Symbol]) -> None:
    """A method of a private base is found on the public classes that inherit it."""
    names = {name for item in symbols.values() for name in (item.qualname, *item.aliases)}
    assert {"minitab.models.LinearRegression.fit", "minitab.models.KMeans.fit"} <= names


def test_signatures_are_exact(symbols: dict[str, Symbol]) -> None:
    """Defaults, annotations and keyword-only marks survive; self does not."""
    assert (
        symbols["minitab.Table.groupby"].signature == "groupby(column: str, *, sort: bool = True) -> Grouped"
    )
    assert symbols["minitab.models.KMeans"].signature == "minitab.models.KMeans(n_clusters=8)"


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("minitab.Table.mean", "- column (str): The name of the column."),
        ("minitab.models.LinearRegression", "- intercept"),
        ("minitab.models.KMeans.fit", "- X: The inputs."),
    ],
)
def test_three_docstring_styles_are_read(symbols: dict[str, Symbol], name: str, parameter: str) -> None:
    """Numpy, Google and Sphinx docstrings give their parameters."""
    assert parameter in symbols[name].body


def test_nothing_is_imported(symbols: dict[str, Symbol]) -> None:
    """The package raises when it is imported, and was read all the same."""
    assert symbols
    assert not [name for name in sys.modules if name.startswith("minitab")]


def test_a_package_without_python_is_an_error(tmp_path: Path) -> None:
    """A package in which nothing can be read says so."""
    install_package(tmp_path)
    package = find_package("minitab", [(tmp_path, "server")])
    with pytest.raises(DocumentError, match="no Python API"):
        read_package(package.model_copy(update={"modules": ("absent",)}))
