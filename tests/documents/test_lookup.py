"""From a name to the objects that it may mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gptoss_lab.documents.blocks import Records, Symbol
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.lookup import Asked, Lookup


@pytest.fixture
def lookup(tmp_path: Path) -> Iterator[Lookup]:
    """Return the lookup in an index of two classes."""
    names = ("numpy.Big.size", "numpy.Big.sort", "numpy.Big.take", "numpy.Small.size", "numpy.size")
    symbols = [Symbol(name, "method" if name.count(".") > 1 else "function") for name in names]
    writer = IndexWriter(tmp_path / "i")
    writer.write(Records(symbols=symbols))
    writer.finish({})
    with closing(sqlite3.connect(tmp_path / "i")) as db:
        db.row_factory = sqlite3.Row
        yield Lookup(db)


def found(lookup: Lookup, name: str, asked: Asked | None = None) -> list[tuple[str, bool]]:
    """Return what a name may mean, and whether it is certain."""
    return [(match.qualname, match.is_exact) for match in lookup.matches(name, asked or Asked())]


def test_a_member_is_rather_that_of_the_larger_class(lookup: Lookup) -> None:
    """A function of the name comes last; without the dot it comes first."""
    members = [("numpy.Big.size", False), ("numpy.Small.size", False), ("numpy.size", False)]
    assert found(lookup, ".size") == members
    assert found(lookup, "size")[0] == ("numpy.size", False)


def test_what_the_task_or_the_draft_speaks_of_comes_first(lookup: Lookup) -> None:
    """By the words of the task, and by the classes that the draft makes."""
    assert found(lookup, ".size", Asked(said={"small"}))[0][0] == "numpy.Small.size"
    assert found(lookup, ".size", Asked(names=("numpy.Small",)))[0][0] == "numpy.Small.size"


def test_the_only_object_of_a_name_is_certain(lookup: Lookup) -> None:
    """So is a full name, with the package's short name too."""
    assert found(lookup, "x.sort") == [("numpy.Big.sort", True)]
    assert found(lookup, "np.size") == [("numpy.size", True)]
    assert found(lookup, "nothing") == []


def test_the_nearest_names_are_offered(lookup: Lookup) -> None:
    """What is nearly called so; nothing where nothing is."""
    assert [match.qualname for match in lookup.nearest("x.takes", Asked())] == ["numpy.Big.take"]
    assert lookup.nearest("x.zzz", Asked()) == []
