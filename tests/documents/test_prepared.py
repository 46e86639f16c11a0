"""What is to be indexed, and what need not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.blocks import Chunk, Place, Records
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.jobs import ParseJob, ParseResult
from gptoss_lab.documents.prepared import Prepared, corpus_id, marked, with_cached
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.schemas.documents import DocSource

SOURCE = DocSource(uri="lib")


def prepared(sha256: str = "one", warnings: tuple[str, ...] = ()) -> Prepared:
    """Return a prepared package."""
    return Prepared(
        "lib-1", SOURCE, "package", sha256, ParseJob(source="lib", title="lib", version="1.2"), warnings
    )


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    """Return a store that holds the index of the package."""
    made = IndexStore(tmp_path)
    path = made.temporary("x")
    writer = IndexWriter(path)
    writer.write(Records(chunks=[Chunk("narrative", "a", "b", Place("c"))]))
    writer.finish({"parser": str(PARSER_VERSION)})
    result = ParseResult(chunks=1, symbols=0, examples=0, warnings=("built",))
    made.keep(path, prepared(warnings=("found",)).info(result, duration_s=1.23456))
    return made


def test_the_description_joins_what_was_found_and_built(store: IndexStore) -> None:
    """Counts, version, rounded time and the warnings of both steps."""
    info = store.info("lib-1")
    assert info is not None
    assert (info.title, info.version, info.chunks, info.duration_s) == ("lib", "1.2", 1, 1.235)
    assert info.warnings == ("found", "built")
    assert info.built_at.endswith("+00:00")


def test_the_same_content_is_used_again(store: IndexStore) -> None:
    """It is marked as cached, keeps the name that was asked, and says each warning once."""
    cached = with_cached(prepared(warnings=("found", "now")), store).cached
    assert cached is not None
    assert (cached.cached, cached.source, cached.warnings) == (True, SOURCE, ("found", "now", "built"))


def test_other_content_is_built(store: IndexStore) -> None:
    """A changed hash, or no index at all, leaves nothing cached."""
    assert with_cached(prepared("two"), store).cached is None
    assert store.remove("lib-1")
    assert with_cached(prepared(), store).cached is None


def test_an_index_used_again_is_marked(store: IndexStore) -> None:
    """None stays None; a description says that it is cached and for which source."""
    other = DocSource(uri="other")
    info = marked(store.info("lib-1"), other)
    assert info is not None
    assert (info.cached, info.source) == (True, other)
    assert marked(None, other) is None


@pytest.mark.parametrize("name", ["scikit-learn", "../../etc", "Ünï cödé", "", "x" * 300])
def test_ids_are_names_of_files(name: str, tmp_path: Path) -> None:
    """Any name gives an id that the store accepts; another place gives another id."""
    found = corpus_id(name, "folder", "/a")
    assert IndexStore(tmp_path).path(found).parent == tmp_path
    assert len({found, corpus_id(name, "folder", "/b"), corpus_id(name, "file", "/a")}) == 3
    assert len(found) < 60
