"""Connections that stay open between questions."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from gptoss_lab.documents.connections import Connections


def written(path: Path, word: str) -> Path:
    """Put a small database into a place, as indexes are: renamed over what is there."""
    made = path.with_suffix(".new")
    with closing(sqlite3.connect(made)) as db, db:
        db.execute("CREATE TABLE words (word TEXT)")
        db.execute("INSERT INTO words VALUES (?)", (word,))
    made.replace(path)
    return path


def word(connections: Connections, path: Path) -> str:
    """Return the word of a database."""
    with connections.to(path) as db:
        return str(db.execute("SELECT word FROM words").fetchone()["word"])


def test_a_connection_is_used_again_while_the_file_is_the_same(tmp_path: Path) -> None:
    """A new file in its place is seen at once."""
    connections, path = Connections(), written(tmp_path / "a", "one")
    with connections.to(path) as first:
        pass
    with connections.to(path) as second:
        assert second is first
    written(path, "two")
    assert word(connections, path) == "two"
    assert [db for _, db in connections._idle] != [first]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")


def test_two_who_ask_at_once_have_two_connections(tmp_path: Path) -> None:
    """A connection is never in two hands; threads may take turns with one."""
    connections, path = Connections(), written(tmp_path / "a", "one")
    with connections.to(path) as one, connections.to(path) as two:
        assert one is not two
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(word(connections, path)))
    thread.start()
    thread.join()
    assert said == ["one"]


def test_few_stay_open_and_none_after_an_error(tmp_path: Path) -> None:
    """Those used last stay; one that failed may be broken, and a file that was removed is let go."""
    connections = Connections(limit=2)
    paths = [written(tmp_path / name, name) for name in "abc"]
    assert [word(connections, path) for path in paths] == ["a", "b", "c"]
    assert [Path(key[0]).name for key, _ in connections._idle] == ["b", "c"]
    with pytest.raises(sqlite3.OperationalError), connections.to(paths[1]) as db:
        db.execute("SELECT * FROM nothing")
    assert [Path(key[0]).name for key, _ in connections._idle] == ["c"]
    connections.forget(paths[2])
    assert connections._idle == []


def test_a_missing_file_is_an_error_and_stays_one(tmp_path: Path) -> None:
    """Nothing is made in its place."""
    connections = Connections()
    with pytest.raises(sqlite3.OperationalError), connections.to(tmp_path / "none") as db:
        db.execute("SELECT 1")
    assert not (tmp_path / "none").exists()
    assert connections._idle == []
