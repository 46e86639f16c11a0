"""The SQLite file of jobs."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.services.job_store.records import JobEnd, JobRecord, StoredEvent
from gptoss_lab.services.job_store.store import FILE, JobStore

LONG_AGO, NOW = "2001-01-01T00:00:00.000+00:00", "2999-01-01T00:00:00.000+00:00"
JOB = JobRecord("a", "me", "generate", LONG_AGO, "", "{}", "digest", '{"job": "a"}', "", "server")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    """Return an empty store."""
    (tmp_path / "jobs").mkdir()
    made = JobStore(tmp_path / "jobs")
    yield made
    made.close()


def forget(store: JobStore, *, jobs: int = 1000, size_bytes: int = 1 << 30, days: float = 36_500.0) -> int:
    """Forget what is too much."""
    return store.forget(max_jobs=jobs, max_bytes=size_bytes, max_age_days=days)


def begun(count: int) -> list[JobRecord]:
    """Return jobs that have ended, one after the other."""
    return [replace(JOB, name=f"j{number}", finished_at=NOW) for number in range(count)]


def names(store: JobStore, owner: str = "me") -> list[str]:
    """Return the names of an owner's jobs."""
    return [name for name, _ in store.page(owner, limit=1000).summaries]


def test_what_is_written_is_found(store: JobStore) -> None:
    """A job, its events in order whatever the order of writing, and its end."""
    store.write([JOB], [StoredEvent("a", 2, "two", 3), StoredEvent("a", 1, "one", 3)], ())
    assert store.find("a") == JOB
    assert store.unfinished() == [JOB]
    assert store.events("a") == ["one", "two"]
    store.write((), (), [JobEnd("a", NOW, "{}")])
    assert store.find("a") == replace(JOB, finished_at=NOW, summary="{}")
    assert (store.unfinished(), store.find("b"), store.events("b")) == ([], None, [])


def test_an_event_is_written_once(store: JobStore) -> None:
    """Two servers that give a lost job its end do not give it two."""
    store.write([JOB], [StoredEvent("a", 1, "one", 3)], ())
    store.write((), [StoredEvent("a", 1, "another", 3)], ())
    assert store.events("a") == ["one"]


def test_a_batch_is_written_whole_or_not_at_all(store: JobStore) -> None:
    """A fault in its middle leaves nothing behind."""
    store.write([JOB], (), ())
    with pytest.raises(StorageError, match="cannot be written"):
        store.write([replace(JOB, name="b"), JOB], (), ())
    assert names(store) == ["a"]


def test_a_full_database_refuses_and_stays_whole(store: JobStore) -> None:
    """SQLite's own refusal is told as ours; what was written before is read, and there may be room again."""
    store.write([JOB], [StoredEvent("a", 1, "one", 3)], ())
    store._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (pages,) = store._database.execute("PRAGMA page_count").fetchone()
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="full"):
        store.write([replace(JOB, name="b")], [StoredEvent("b", 1, "x" * 1_000_000, 1_000_000)], ())
    assert (names(store), store.events("a")) == (["a"], ["one"])
    store._database.execute(f"PRAGMA max_page_count = {pages + 10_000}")
    store.write([replace(JOB, name="b")], [StoredEvent("b", 1, "x" * 1_000_000, 1_000_000)], ())
    assert names(store) == ["b", "a"]


def test_the_file_is_for_its_owner_alone(store: JobStore, tmp_path: Path) -> None:
    """Tasks and code of a person are nobody else's."""
    store.write([JOB], (), ())
    for path in (tmp_path / "jobs").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_oldest_are_forgotten(store: JobStore) -> None:
    """Beyond a number and a size; what runs is never forgotten, and events go with their job."""
    store.write([JOB, *begun(5)], [StoredEvent(f"j{number}", 1, "x" * 100, 100) for number in range(5)], ())
    assert forget(store) == 0
    assert forget(store, jobs=4) == 2
    assert names(store) == ["j4", "j3", "j2", "a"]
    assert store.events("j0") == []
    assert forget(store, size_bytes=150) == 2
    assert names(store) == ["j4", "a"]


def test_the_old_are_forgotten(store: JobStore) -> None:
    """By the time of their end."""
    store.write([JOB, replace(JOB, name="old", finished_at=LONG_AGO), *begun(1)], (), ())
    assert forget(store, days=30.0) == 1
    assert names(store) == ["j0", "a"]


def test_a_key_finds_the_newest_of_its_owner(store: JobStore) -> None:
    """No key finds nothing."""
    keyed = [
        replace(JOB, name="x", key="k"),
        replace(JOB, name="y", key="k"),
        replace(JOB, owner="you", key="k"),
    ]
    store.write(keyed, (), ())
    found = store.find_key("me", "k")
    assert found is not None
    assert found.name == "y"
    assert store.find_key("me", "") is None


def test_a_file_that_is_not_ours_is_set_aside(tmp_path: Path) -> None:
    """Nothing of it is changed, and jobs are kept again."""
    path = tmp_path / FILE
    path.write_bytes(b"not a database" * 100)
    before = path.read_bytes()
    store = JobStore(tmp_path)
    store.write([JOB], (), ())
    assert names(store) == ["a"]
    store.close()
    (aside,) = tmp_path.glob(f"{FILE}.2*")
    assert aside.read_bytes() == before


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A file of someone else is not written through a link."""
    target = tmp_path / "elsewhere"
    target.write_text("")
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / FILE).symlink_to(target)
    with pytest.raises(StorageError, match="cannot be opened"):
        JobStore(tmp_path / "jobs")


def test_an_open_store_is_opened_again(store: JobStore, tmp_path: Path) -> None:
    """Two servers on one folder see each other's jobs."""
    other = JobStore(tmp_path / "jobs")
    other.write([JOB], (), ())
    assert names(store) == ["a"]
    other.close()
