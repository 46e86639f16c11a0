"""Reading an index: exact names, search, and files that are no index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gptoss_lab.documents.blocks import Chunk, Page, Place, Records, Symbol, Unit
from gptoss_lab.documents.folders import KnownFile
from gptoss_lab.documents.index_reader import IndexReader, open_index
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.documents.page_rows import PageRow
from gptoss_lab.errors import DocumentError

OBJECTS = {
    "lib.Table": ("class", "Rows and named columns."),
    "lib.Table.groupby": ("method", "Group the rows by the values of a column."),
    "lib.Table.mean": ("method", "Return the mean of a column."),
    "lib.Series.mean": ("method", "Return the mean of the values."),
    "lib.KMeans": ("class", "K-Means clustering of points."),
}


def records() -> Records:
    """Return a small library's records: one chunk and one example for each object."""
    found = Records()
    for name, (kind, text) in OBJECTS.items():
        last = name.rpartition(".")[2]
        place = Place("lib", title=name, symbol=name, version="1.2")
        found.symbols.append(Symbol(name, kind, f"{last}()", text, text, aliases=(f"lib.core.{name[4:]}",)))  # type: ignore[arg-type]
        found.chunks.append(Chunk("symbol", name, text, place, (name,)))
        found.units.append(
            Unit(name, text, f"import lib\n\nlib.x.{last}()\n", ("import lib",), (name,), place)
        )
    found.chunks.append(
        Chunk(
            "narrative", "Rivers", "Water flows in rivers.", Place("guide.md", anchor="rivers", span=(3, 4))
        )
    )
    return found


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a complete index file."""
    path = tmp_path_factory.mktemp("index") / "lib.index"
    writer = IndexWriter(path)
    writer.write(records())
    file = FileToRead(path="a.md", location="a.md", sha256="hash", size=5, mtime_ns=6, ctime_ns=7)
    writer.page(PageRow(file, Page("a")), Records())
    writer.finish({"version": "1.2"})
    return path


@pytest.fixture
def reader(index: Path) -> Iterator[IndexReader]:
    """Return the index, opened."""
    with open_index(index, "lib") as found:
        yield found


@pytest.mark.parametrize(
    ("name", "qualnames"),
    [
        ("lib.Table", ["lib.Table"]),
        ("lib.core.Table", ["lib.Table"]),
        ("Table.mean", ["lib.Table.mean"]),
        ("KMeans()", ["lib.KMeans"]),
        ("mean", ["lib.Table.mean", "lib.Series.mean"]),
        ("able.mean", []),
        ("", []),
        ("'; DROP TABLE names; --", []),
    ],
)
def test_names_are_found_as_code_writes_them(reader: IndexReader, name: str, qualnames: list[str]) -> None:
    """Full, public or last part; a bare name may mean several, and part of a word means none."""
    assert sorted(item.qualname for item in reader.symbols([name])) == sorted(qualnames)


def test_a_symbol_is_told_in_full(reader: IndexReader) -> None:
    """Kind, signature, summary and the version of the documentation."""
    (found,) = reader.symbols(["KMeans"])
    assert (found.kind, found.signature, found.version) == ("class", "KMeans()", "1.2")


def test_passages_of_an_object(reader: IndexReader) -> None:
    """An object has its chunk; what is not documented has none."""
    assert [(item.title, item.score) for item in reader.passages_of("lib.KMeans", 1.0)] == [
        ("lib.KMeans", 1.0)
    ]
    assert reader.passages_of("lib.Nothing", 1.0) == []


@pytest.mark.parametrize("text", ["", "the", '"', "AND OR NOT", "a* NEAR(b)", "col:umn", "x" * 9_000, "\0"])
def test_no_text_breaks_the_search(reader: IndexReader, text: str) -> None:
    """Words of the search language are words, and nothing asked finds nothing."""
    assert all(0 <= item.score <= 1 for item in reader.search(text, "symbol", 5))
    assert all(0 <= item.score <= 1 for item in reader.examples(text, 5))


def test_search_keeps_to_the_kind_and_the_limit(reader: IndexReader) -> None:
    """Symbols and narrative are asked for apart; a citation leads to the place."""
    (found,) = reader.search("rivers and columns", "narrative", 5)
    assert (found.title, found.citation.source, found.citation.anchor) == ("Rivers", "guide.md", "rivers")
    assert found.span == (3, 4)
    assert len(reader.search("the mean of a column", "symbol", 2)) == 2
    assert reader.search("mean", "symbol", 0) == []


def test_the_best_example_is_named_for_the_task(reader: IndexReader) -> None:
    """The object of the task comes first, with an id of this corpus."""
    (best, *_) = reader.examples("group by a column", 3)
    assert (best.title, best.id[:5]) == ("lib.Table.groupby", "lib:e")


def test_files_are_remembered(reader: IndexReader) -> None:
    """Each with its hash, its size and its times."""
    assert reader.files() == {"a.md": KnownFile("hash", 5, 6, 7, "text")}


def read_all(path: Path) -> None:
    """Ask an index for a little of everything."""
    with open_index(path, "x") as found:
        found.examples("the mean of a column", 3)
        found.passages_of("lib.KMeans", 1.0)
        found.search("columns", "symbol", 3)


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "torn", "folder"])
def test_what_is_no_index_is_an_error_with_a_hint(index: Path, tmp_path: Path, damage: str) -> None:
    """Missing, empty, foreign and torn files are named, and the person is told what to do."""
    path = tmp_path / "bad.index"
    data = index.read_bytes()
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes({"empty": b"", "text": b"words " * 1000, "torn": data[: len(data) // 3]}[damage])
    with pytest.raises(DocumentError, match=r"bad\.index cannot be read") as caught:
        read_all(path)
    assert "refresh" in caught.value.hint


def test_an_index_cannot_be_changed_through_its_reader(index: Path) -> None:
    """Reading leaves the file as it was, and no journal beside it."""
    before = index.read_bytes()
    with open_index(index, "lib") as found:
        found.examples("mean", 3)
        with pytest.raises(Exception, match="readonly"):
            found._db.execute("DELETE FROM chunks")
    assert index.read_bytes() == before
    assert list(index.parent.iterdir()) == [index]
