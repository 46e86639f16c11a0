"""The folder of index files."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.blocks import Chunk, Place, Records
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import NotFoundError, StorageError
from gptoss_lab.schemas.documents import CorpusInfo, DocSource


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    """Return an empty store."""
    made = IndexStore(tmp_path / "corpora")
    made.prepare()
    return made


def written(store: IndexStore, text: str = "words", *, parser: int = PARSER_VERSION) -> Path:
    """Return a complete index file that is not in its place yet."""
    path = store.temporary("x")
    writer = IndexWriter(path)
    writer.write(Records(chunks=[Chunk("narrative", "a", text, Place("c"))]))
    writer.finish({"parser": str(parser)})
    return path


def info(corpus: str = "lib-1", title: str = "lib") -> CorpusInfo:
    """Return the description of an index."""
    return CorpusInfo(id=corpus, source=DocSource(uri="lib"), title=title, kind="package")


def names(store: IndexStore) -> list[str]:
    """Return what lies in the folder."""
    return sorted(path.name for path in store.folder.iterdir())


def test_a_kept_index_is_found_with_its_size(store: IndexStore) -> None:
    """Its description is in the file, only its owner can read it, and nothing else is left."""
    assert store.info("lib-1") is None
    kept = store.keep(written(store), info())
    assert kept.size_bytes == store.path("lib-1").stat().st_size > 0
    assert store.info("lib-1") == kept
    assert store.path("lib-1").stat().st_mode & 0o777 == 0o600
    assert names(store) == ["lib-1.index"]


def test_the_newest_is_listed_first_and_removal_is_told(store: IndexStore) -> None:
    """A second removal says that there was nothing."""
    for position, corpus in enumerate(("a", "b")):
        store.keep(written(store), info(corpus))
        os.utime(store.path(corpus), (position, position))
    assert [(item.id, item.cached) for item in store.list()] == [("b", True), ("a", True)]
    assert [store.remove("a"), store.remove("a")] == [True, False]
    assert [item.id for item in store.list()] == ["b"]


@pytest.mark.parametrize("corpus", ["../x", "", "a/b", "A", "a.b", "\0", "é"])
def test_ids_are_no_paths(store: IndexStore, corpus: str) -> None:
    """Whatever leaves the folder is unknown, before the disk is asked."""
    for call in (store.path, store.info, store.remove):
        with pytest.raises(NotFoundError):
            call(corpus)


def test_a_missing_corpus_is_said(store: IndexStore) -> None:
    """Each corpus must be there; one that is named twice is searched once."""
    store.keep(written(store), info())
    assert store.paths(["lib-1", "lib-1"]) == [("lib-1", store.path("lib-1"))]
    with pytest.raises(NotFoundError, match="none-1"):
        store.paths(["lib-1", "none-1"])


def test_damaged_and_older_files_count_as_absent(store: IndexStore) -> None:
    """They are built again, and a list goes on without them."""
    store.path("bad").write_bytes(b"no index at all" * 500)
    store.path("empty").write_bytes(b"")
    written(store, parser=PARSER_VERSION - 1).rename(store.path("old"))
    store.keep(written(store), info())
    assert [store.info(corpus) for corpus in ("bad", "empty", "old")] == [None, None, None]
    assert [item.id for item in store.list()] == ["lib-1"]


def test_freshness_is_noted(store: IndexStore) -> None:
    """An index grows old until it is confirmed; one that is not there is older than all."""
    assert store.age_s("lib-1") == float("inf")
    store.keep(written(store), info())
    os.utime(store.path("lib-1"), (1, 1))
    assert store.age_s("lib-1") > 1e9
    store.confirm("lib-1")
    assert store.age_s("lib-1") < 60


def test_what_a_dead_process_left_is_cleared(store: IndexStore) -> None:
    """Files and folders of the living stay."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    dead = store.folder / f".tmp-{process.pid}-x-00"
    dead.write_bytes(b"x")
    pages = store.folder / f".tmp-{process.pid}-pages-00"
    pages.mkdir()
    (pages / "a").write_bytes(b"x")
    (store.folder / ".tmp-nobody").write_bytes(b"x")
    mine, others = store.temporary("x"), store.folder / ".tmp-1-x-00"
    for path in (mine, others):
        path.write_bytes(b"x")
    store.prepare()
    assert names(store) == sorted([mine.name, others.name])


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    """A folder that cannot be made is an error, not an empty store."""
    (tmp_path / "file").write_text("x")
    with pytest.raises((StorageError, OSError)):
        IndexStore(tmp_path / "file" / "corpora").prepare()


def test_readers_see_a_whole_index_while_it_is_replaced(store: IndexStore) -> None:
    """Of many that write the same corpus the last one wins, and no reader meets half of one."""
    store.keep(written(store), info())
    ready = [written(store, f"words {number} " * 2000) for number in range(12)]
    failures: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            if store.info("lib-1") is None:
                failures.append("half an index")

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [
        threading.Thread(target=store.keep, args=(path, info(title=str(number))))
        for number, path in enumerate(ready)
    ]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert failures == []
    assert names(store) == ["lib-1.index"]
