"""One answer out of several indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.documents.blocks import Chunk, Place, Records, Symbol, Unit
from gptoss_lab.documents.index_reader import Indexes
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.retrieval import find_passages
from gptoss_lab.documents.search import find_examples, find_symbols
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.documents import DocQuery


def made(folder: Path, package: str, *names: str) -> tuple[str, Path]:
    """Return an index with a chunk, an example and a guide for each name."""
    found = Records()
    for name in names:
        qualname, text = f"{package}.{name}", f"Do {name} on rows."
        place = Place(package, title=qualname, symbol=qualname)
        code = f"import {package}\n\n{qualname}(1)\n"
        found.symbols.append(Symbol(qualname, "function", f"{name}()", text, text))
        found.chunks.append(Chunk("symbol", qualname, text, place, (qualname,)))
        found.chunks.append(Chunk("narrative", f"Guide to {name}", f"How to {name} many rows.", place))
        found.units.append(Unit(qualname, text, code, (f"import {package}",), (qualname,), place))
    writer = IndexWriter(folder / package)
    writer.write(found)
    writer.finish({})
    return package, folder / package


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Indexes:
    """Return the indexes of two packages that share one name."""
    folder = tmp_path_factory.mktemp("two")
    return [made(folder, "one", "shrink", "rotate"), made(folder, "two", "shrink", "paint_wall")]


def test_named_symbols_come_first(indexes: Indexes) -> None:
    """A name that the query gives, or that its text writes as code, comes before what search finds."""
    query = DocQuery(text="shrink with paint_wall", symbols=("one.rotate",), max_narrative_passages=0)
    titles = [passage.title for passage in find_passages(indexes, query)]
    assert titles[:2] == ["one.rotate", "two.paint_wall"]
    assert set(titles[2:]) == {"one.shrink", "two.shrink"}


def test_limits_hold_over_all_indexes(indexes: Indexes) -> None:
    """So many symbols and so much narrative in all, not from each index."""
    query = DocQuery(text="shrink and rotate rows", max_symbol_passages=2, max_narrative_passages=1)
    found = find_passages(indexes, query)
    assert [passage.kind for passage in found] == ["symbol", "symbol", "narrative"]
    nothing = DocQuery(text="shrink", max_symbol_passages=0, max_narrative_passages=0)
    assert find_passages(indexes, nothing) == []


def test_examples_of_several_indexes_are_ordered_by_score(indexes: Indexes) -> None:
    """The better match wins, wherever it lies."""
    found = find_examples(indexes, "paint a wall", 3)
    assert found[0].title == "two.paint_wall"
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    assert {item.title for item in find_examples(indexes, "shrink rows", 2)} == {"one.shrink", "two.shrink"}


def test_symbols_are_listed_once(indexes: Indexes) -> None:
    """A bare name means the object of each package; a full name one of them."""
    assert [item.qualname for item in find_symbols(indexes, ["shrink", "one.shrink"])] == [
        "one.shrink",
        "two.shrink",
    ]


def test_one_damaged_index_is_said(indexes: Indexes, tmp_path: Path) -> None:
    """An answer without it would be silently poorer."""
    (tmp_path / "bad").write_bytes(b"no index" * 500)
    both = [*indexes, ("bad", tmp_path / "bad")]
    with pytest.raises(DocumentError, match="bad cannot be read"):
        find_examples(both, "shrink rows", 2)
    with pytest.raises(DocumentError):
        find_symbols(both, ["shrink"])
    with pytest.raises(DocumentError):
        find_passages(both, DocQuery(text="shrink"))
