"""Passages for a task: names first, search for the rest, other versions last."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.documents.blocks import Chunk, Place, Records, Symbol, SymbolKind
from gptoss_lab.documents.index_reader import Indexes
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.retrieval import find_passages, names_of
from gptoss_lab.schemas.documents import DocQuery

API: dict[str, tuple[SymbolKind, str]] = {
    "numpy.mean": ("function", "Compute the average along an axis."),
    "numpy.ndarray.mean": ("method", "Average of the elements."),
    "numpy.ndarray.sum": ("method", "Sum of the elements."),
    "pandas.DataFrame": ("class", "Rows and columns."),
    "pandas.DataFrame.mean": ("method", "Average of each column."),
    "pandas.DataFrame.groupby": ("method", "Group rows by a column."),
    "pandas.DataFrame.sort_values": ("method", "Sort rows by a column."),
    "pandas.Grouper": ("class", "How to group."),
    "pandas.Grouper.mean": ("method", "Average of groups."),
}


def written(folder: Path, name: str, version: str = "2") -> tuple[str, Path]:
    """Return an index of the API and a guide."""
    found = Records()
    for qualname, (kind, text) in API.items():
        place = Place(name, title=qualname, symbol=qualname, version=version)
        found.symbols.append(Symbol(qualname, kind, summary=text))
        found.chunks.append(Chunk("symbol", qualname, text, place, (qualname,)))
    found.chunks.append(Chunk("narrative", "Guide", "How to group the rows of a table.", Place(name)))
    writer = IndexWriter(folder / name)
    writer.write(found)
    writer.finish({"version": version})
    return name, folder / name


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return one index."""
    return written(tmp_path_factory.mktemp("index"), "api")


def titles(indexes: Indexes, query: DocQuery) -> list[str]:
    """Return the titles of what is found."""
    return [passage.title for passage in find_passages(indexes, query)]


def asked(text: str, *symbols: str, packages: tuple[str, ...] = (), limit: int = 2) -> DocQuery:
    """Return a query for symbols alone."""
    return DocQuery(
        text=text, symbols=symbols, packages=packages, max_symbol_passages=limit, max_narrative_passages=0
    )


def test_a_name_of_a_known_package_is_certain(index: tuple[str, Path]) -> None:
    """The short name of the field is enough."""
    (found, *_) = find_passages([index], asked("the rows", "np.mean"))
    assert (found.title, found.score) == ("numpy.mean", 1.0)


def test_a_method_is_rather_that_of_the_imported_package(index: tuple[str, Path]) -> None:
    """And of a class with many members, or of one that the draft makes."""
    assert titles([index], asked("x", ".mean", packages=("pandas",), limit=1)) == ["pandas.DataFrame.mean"]
    assert titles([index], asked("x", ".mean", packages=("numpy",), limit=1)) == ["numpy.ndarray.mean"]
    made = asked("x", "pd.Grouper", ".mean", packages=("pandas",))
    assert titles([index], made) == ["pandas.Grouper", "pandas.Grouper.mean"]


def test_the_ending_of_a_longer_name_counts(index: tuple[str, Path]) -> None:
    """Of a variable's method the method is known."""
    assert titles([index], asked("x", "df.groupby", limit=1)) == ["pandas.DataFrame.groupby"]


def test_a_name_that_is_not_documented_gives_the_nearest(index: tuple[str, Path]) -> None:
    """The model remembers it nearly."""
    (found, *_) = find_passages([index], asked("x", "pd.DataFrame.sort_value"))
    assert found.title == "pandas.DataFrame.sort_values"
    assert found.score < 0.9


def test_search_fills_what_names_leave(index: tuple[str, Path]) -> None:
    """Unless every name is certain and the query is selective."""
    query = DocQuery(text="group the rows by a pandas column", symbols=("np.mean",))
    found = titles([index], query)
    assert found[0] == "numpy.mean"
    assert "pandas.DataFrame.groupby" in found[:3]
    assert "Guide" in titles([index], query)
    assert titles([index], query.model_copy(update={"selective": True})) == ["numpy.mean"]
    unsure = query.model_copy(update={"selective": True, "symbols": ("np.mean", ".mean")})
    assert len(titles([index], unsure)) > 2


def test_small_documentation_comes_whole(index: tuple[str, Path]) -> None:
    """It fits, so nothing need be chosen."""
    query = DocQuery(text="x", whole_tokens=10_000)
    assert titles([index], query) == [*API, "Guide"]
    assert titles([index], query.model_copy(update={"whole_tokens": 5})) == []


def test_another_version_comes_last_and_not_twice(index: tuple[str, Path], tmp_path: Path) -> None:
    """What the installed package says of an object hides what the old pages say of it."""
    old = written(tmp_path, "old", "1")
    query = DocQuery(text="group the rows", symbols=("np.mean",), demoted=("old",))
    found = find_passages([old, index], query)
    symbols = [passage for passage in found if passage.kind == "symbol"]
    assert {passage.citation.version for passage in symbols} == {"2"}
    assert [passage.citation.source for passage in found if passage.kind == "narrative"] == ["api", "old"]


def test_a_draft_becomes_names_and_packages() -> None:
    """As a query takes them."""
    assert names_of("pd.concat(frames)", "import pandas as pd") == (("pandas.concat",), ("pandas",))
