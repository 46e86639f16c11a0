"""The file of facts."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.services.database_faults import told_of
from gptoss_lab.services.quality.facts import Batch, JobFact, ReviewFact
from gptoss_lab.services.quality.store import FILE, QualityStore, is_damaged

NOW = time.time()
DAY_S = 86_400.0


def jobs(store: QualityStore) -> list[str]:
    """Return the jobs that are kept."""
    with store.seen(Batch()) as database:
        return [name for (name,) in database.execute("SELECT job FROM seen_jobs ORDER BY at")]


def one(name: str, at: float = NOW) -> Batch:
    """Return a batch of one generation, a decision and two tallies of one minute."""
    batch = Batch([JobFact(at, name, "generate")], [ReviewFact(name, "c", at, "model", "m", "accepted")])
    batch.tally(at, "stage", "draft", 3, count=2)
    return batch


def test_facts_survive_and_two_servers_share_them(tmp_path: Path) -> None:
    """Each sees what the other wrote; what they tally adds up."""
    first, second = QualityStore(tmp_path), QualityStore(tmp_path)
    first.add(one("a"))
    second.add(one("b"))
    assert jobs(first) == jobs(second) == ["a", "b"]
    first.close()
    second.close()
    again = QualityStore(tmp_path)
    with again.seen(one("c")) as database:
        (count,) = database.execute("SELECT SUM(count) FROM seen_tallies").fetchone()
        assert count == 6
    assert jobs(again) == ["a", "b"]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    again.close()


def test_what_waits_goes_before_what_is_kept() -> None:
    """A decision that was not written yet replaces the one on the disk."""
    store = QualityStore(None)
    store.add(one("a"))
    newer = Batch(reviews=[ReviewFact("a", "c", NOW, "model", "m", "withdrawn")])
    with store.seen(newer) as database:
        found = database.execute("SELECT verdict FROM seen_reviews").fetchall()
    assert found == [("withdrawn",)]
    store.add(newer)
    with store.seen(Batch()) as database:
        assert database.execute("SELECT verdict FROM seen_reviews").fetchall() == [("withdrawn",)]
    store.close()


def test_what_is_old_or_too_much_is_forgotten() -> None:
    """By age, then by number, the oldest first; what is older than a day is tallied by the hour."""
    store = QualityStore(None)
    for days in (100, 3, 2, 0.01):
        store.add(one(f"{days:g}", NOW - days * DAY_S))
    store.add(one("3 and a bit", NOW - 3 * DAY_S - 120))
    store.forget(NOW, 90, max_jobs=3)
    assert jobs(store) == ["3", "2", "0.01"]
    with store.seen(Batch()) as database:
        steps = database.execute("SELECT at, count FROM seen_tallies ORDER BY at").fetchall()
    assert [count for _, count in steps if count] in ([4, 2, 2], [2, 2, 2, 2])
    assert all(at % 3600 == 0 for at, _ in steps[:-1])
    store.forget(NOW, 90, max_jobs=3)
    store.close()


def test_a_clock_that_leaps_ahead_forgets_nothing() -> None:
    """It is set right again a moment later."""
    store = QualityStore(None)
    store.add(one("a", NOW - DAY_S))
    store.forget(NOW + 3650 * DAY_S, 90)
    assert jobs(store) == ["a"]
    store.close()


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"x" * 4000])
def test_a_damaged_file_is_set_aside(content: bytes, tmp_path: Path) -> None:
    """A new one takes its place, and nothing of it is changed."""
    (tmp_path / FILE).write_bytes(content)
    store = QualityStore(tmp_path)
    store.add(one("a"))
    store.close()
    (aside,) = tmp_path.glob(f"{FILE}.2*")
    assert aside.read_bytes() == content
    again = QualityStore(tmp_path)
    assert jobs(again) == ["a"]
    again.close()


def test_a_file_that_is_damaged_inside_is_set_aside(tmp_path: Path) -> None:
    """It is looked through when it is opened."""
    store = QualityStore(tmp_path)
    for number in range(300):
        store.add(one(f"{number:032}"))
    store.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 30_000)
    again = QualityStore(tmp_path)
    assert jobs(again) == []
    assert len(list(tmp_path.glob(f"{FILE}.2*"))) == 1
    again.close()


def test_a_file_of_a_later_version_is_set_aside(tmp_path: Path) -> None:
    """Its server may come back to it."""
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("PRAGMA user_version = 99")
    database.close()
    QualityStore(tmp_path).close()
    assert len(list(tmp_path.glob(f"{FILE}.2*"))) == 1


def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(StorageError, match="cannot be opened") as caught:
        QualityStore(tmp_path / "nowhere")
    assert caught.value.hint
    assert not is_damaged(caught.value)
    with pytest.raises(StorageError) as damaged, told_of("The figures", "read"):
        raise sqlite3.DatabaseError("database disk image is malformed")
    assert is_damaged(damaged.value)
