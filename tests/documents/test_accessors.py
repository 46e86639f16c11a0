"""Namespaces that hang on a class."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.blocks import Symbol
from gptoss_lab.documents.inventory import read_package
from gptoss_lab.schemas.documents import LocatedPackage

SOURCE = """
from elsewhere import Other

class Accessor:
    def __init__(self, name, made): ...

class Words:
    def split(self, mark=" "):
        '''Split each string.

        >>> Column().str.split()
        '''
    def _hidden(self): ...

class Index:
    str = Accessor("str", Words)

class Column:
    str = Accessor("str", Words)
    alias = Accessor("other", Words)
    far = Accessor("far", Other)
    plain = dict("plain")
    many = Accessor("many", Words, 1)
    text = "text"
"""


@pytest.fixture(scope="module")
def symbols(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Symbol]:
    """Return the symbols of a package with accessors by every name."""
    root = tmp_path_factory.mktemp("root")
    (root / "hung.py").write_text(SOURCE)
    package = LocatedPackage(
        name="hung", version="1", root=str(root), modules=("hung",), origin="server", fingerprint=""
    )
    return {name: item for item in read_package(package) for name in (item.qualname, *item.aliases)}


def test_methods_are_known_as_code_calls_them(symbols: dict[str, Symbol]) -> None:
    """Under every class that the namespace hangs on; private ones are not."""
    assert symbols["hung.Column.str.split"].summary == "Split each string."
    assert "hung.Index.str.split" in symbols
    assert "hung.Column.str._hidden" not in symbols


def test_other_attributes_are_no_namespaces(symbols: dict[str, Symbol]) -> None:
    """Another name, a class of elsewhere, other arguments and plain values have no members."""
    deep = {name.split(".")[2] for name in symbols if name.startswith("hung.Column.") and name.count(".") > 2}
    assert deep == {"str"}
