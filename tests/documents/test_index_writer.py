"""Index files are complete or not at all."""

from __future__ import annotations

import errno
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gptoss_lab.documents.blocks import Chunk, Page, Place, Records, Symbol, Unit
from gptoss_lab.documents.index_writer import IndexWriter, storage_errors
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.documents.page_rows import PageRow
from gptoss_lab.errors import DocumentError, GptossError, StorageError

PLACE = Place("lib", symbol="lib.f")


def records(count: int = 1) -> Records:
    """Return the records of a few functions."""
    found = Records()
    for number in range(count):
        name = f"lib.f{number}"
        found.symbols.append(
            Symbol(name, "function", f"{name}(x)", "Do it.", aliases=(f"lib.core.f{number}",))
        )
        found.chunks.append(Chunk("symbol", name, f"Do it {number} times. " * 20, PLACE, (name,)))
        found.units.append(
            Unit(name, "Do it.", f"import lib\n\nlib.f{number}('a b')\n", ("import lib",), (name,), PLACE)
        )
    return found


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file of this process grow over a size: writes then fail as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_what_was_written_is_counted_and_whole(tmp_path: Path) -> None:
    """The counts are those of the file, and SQLite finds nothing wrong with it."""
    writer = IndexWriter(tmp_path / "a")
    writer.write(records(3))
    file = FileToRead(path="a.md", location="a.md", sha256="hash", size=5, mtime_ns=6)
    writer.page(PageRow(file, Page("a")), records(1))
    assert writer.finish({"version": "1"}) == {"chunks": 4, "symbols": 3, "examples": 4}
    with sqlite3.connect(tmp_path / "a") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT path, sha256, size, mtime_ns FROM files").fetchone() == (
            "a.md",
            "hash",
            5,
            6,
        )
        assert {row[0] for row in db.execute("SELECT qualname FROM names WHERE last = 'f2'")} == {"lib.f2"}
    db.close()


def test_words_of_code_and_of_its_strings_are_held_apart(tmp_path: Path) -> None:
    """What an example calls says more of it than the data it holds."""
    writer = IndexWriter(tmp_path / "a")
    writer.write(records())
    writer.finish({})
    with sqlite3.connect(tmp_path / "a") as db:
        code, literal = db.execute("SELECT code_terms, literal_terms FROM examples").fetchone()
    db.close()
    assert "lib" in code.split()
    assert "b" in literal.split()
    assert "b" not in code.split()


def test_nothing_can_be_read_before_the_end(tmp_path: Path) -> None:
    """An index that was given up holds no record, however much was written."""
    writer = IndexWriter(tmp_path / "a")
    writer.write(records(5))
    writer.abandon()
    with sqlite3.connect(tmp_path / "a") as db:
        try:
            kept = db.execute("SELECT count(*) FROM chunks").fetchone()[0]
        except sqlite3.DatabaseError:
            kept = 0
    db.close()
    assert kept == 0


def write_all(path: Path, found: Records) -> None:
    """Write an index to its end, or give it up."""
    writer = IndexWriter(path)
    try:
        writer.write(found)
        writer.finish({})
    finally:
        writer.abandon()


def test_a_full_disk_while_writing(tmp_path: Path) -> None:
    """A write for which there is no room is a StorageError with a hint."""
    with small_files(64 << 10), pytest.raises(StorageError) as caught:
        write_all(tmp_path / "a", records(400))
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be made is a StorageError too."""
    with pytest.raises(StorageError, match="cannot be written"):
        IndexWriter(tmp_path / "none" / "a")


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.ENOSPC, StorageError, "full"),
        (errno.EDQUOT, StorageError, "full"),
        (errno.EROFS, StorageError, "not writable"),
        (errno.EACCES, StorageError, "not writable"),
    ],
)
def test_errors_of_the_disk_have_words(number: int, kind: type[GptossError], message: str) -> None:
    """A full disk and a folder without permission are told apart."""
    with pytest.raises(kind, match=message), storage_errors(Path("/x/y")):
        raise OSError(number, "no")


def test_other_errors_stay_what_they_are() -> None:
    """A fault that is not the disk's is not blamed on it."""
    with pytest.raises(IsADirectoryError), storage_errors(Path("/x/y")):
        raise IsADirectoryError(errno.EISDIR, "no")
    with pytest.raises(DocumentError, match="no such table"), storage_errors(Path("/x/y")):
        raise sqlite3.OperationalError("no such table: x")
