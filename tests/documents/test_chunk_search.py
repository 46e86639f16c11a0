"""Search for chunks within a bounded amount of work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gptoss_lab.documents import chunk_search
from gptoss_lab.documents.blocks import Chunk, Place, Records
from gptoss_lab.documents.chunk_search import ChunkSearch
from gptoss_lab.documents.index_writer import IndexWriter

TEXTS = {
    "lib.rotate": "Rotate common things.",
    "lib.shrink": "Shrink common things.",
    "other.shrink": "Shrink.",
}


def titles(folder: Path, text: str, kind: str = "symbol", scope: tuple[str, ...] = ()) -> list[str]:
    """Return what a search finds, best first."""
    chunks = [Chunk("symbol", title, said, Place("x"), (title,)) for title, said in TEXTS.items()]
    chunks.append(Chunk("narrative", "Guide", "Shrink common things by hand.", Place("guide")))
    writer = IndexWriter(folder / "i")
    writer.write(Records(chunks=chunks))
    writer.finish({})
    with closing(sqlite3.connect(folder / "i")) as db:
        db.row_factory = sqlite3.Row
        return [row["title"] for _, row in ChunkSearch(db).best(text, kind, 5, scope)]


def test_kinds_are_found_apart(tmp_path: Path) -> None:
    """A search for narrative gives no objects."""
    assert titles(tmp_path, "shrink", "narrative") == ["Guide"]


@pytest.mark.parametrize(("scope", "first"), [(("lib",), "lib.shrink"), (("other",), "other.shrink")])
def test_objects_of_the_scope_come_first(tmp_path: Path, scope: tuple[str, ...], first: str) -> None:
    """Of two that fit alike."""
    assert titles(tmp_path, "shrink", scope=scope)[0] == first


def test_common_words_are_left_out_where_they_cost_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rarest word is always looked for."""
    monkeypatch.setattr(chunk_search, "MAX_POSTINGS", 1)
    assert titles(tmp_path, "rotate common things") == ["lib.rotate"]
