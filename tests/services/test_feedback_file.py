"""Feedback on the disk."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.services.feedback_file import FeedbackFile, name_of, names_in


@pytest.fixture
def file(tmp_path: Path) -> FeedbackFile:
    """A file of at most 100 bytes."""
    return FeedbackFile(tmp_path / "feedback", "one", 100)


def kept(file: FeedbackFile) -> list[str]:
    """Return the lines without their ends."""
    return [line.rstrip("\n") for line in file.lines()]


def test_what_is_appended_is_read_and_private(file: FeedbackFile, tmp_path: Path) -> None:
    """Oldest first; nobody else may read it."""
    assert kept(file) == []
    file.append(["a", "b"])
    file.append(["c"])
    assert kept(file) == ["a", "b", "c"]
    folder = tmp_path / "feedback"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert names_in(folder) == ["one"]


def test_it_does_not_grow_without_end(file: FeedbackFile, tmp_path: Path) -> None:
    """A full file takes the place of the one before it; the latest lines stay."""
    for number in range(40):
        file.append([f"line {number:04}"])
    lines = kept(file)
    assert lines[-1] == "line 0039"
    assert 10 <= len(lines) <= 20
    assert sum(path.stat().st_size for path in (tmp_path / "feedback").iterdir()) <= 200
    assert names_in(tmp_path / "feedback") == ["one"]


def test_a_line_that_a_crash_cut_does_not_swallow_the_next(file: FeedbackFile, tmp_path: Path) -> None:
    """The next line begins a line."""
    file.append(["whole"])
    with (tmp_path / "feedback" / "one.jsonl").open("a") as half:
        half.write("hal")
    file.append(["next"])
    assert kept(file) == ["whole", "hal", "next"]


def test_a_full_disk_adds_nothing(file: FeedbackFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was half written is taken back, and the error says what it was."""
    file.append(["before"])
    write = os.write
    left = [3]

    def full(number: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = write(number, data[: left[0]])
        left[0] = 0
        return count

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StorageError, match="No space left") as caught:
            file.append(["after"])
    assert caught.value.status == 507
    assert kept(file) == ["before"]


def test_no_link_is_followed(file: FeedbackFile, tmp_path: Path) -> None:
    """The file of another is not written."""
    folder = tmp_path / "feedback"
    folder.mkdir()
    other = tmp_path / "other"
    (folder / "one.jsonl").symlink_to(other)
    with pytest.raises(StorageError):
        file.append(["x"])
    assert not other.exists()


def test_many_writers_lose_nothing(file: FeedbackFile, tmp_path: Path) -> None:
    """Threads and servers take turns, over the end of a file too."""
    wide = FeedbackFile(tmp_path / "feedback", "wide", 1 << 20)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: wide.append([f"{number}-{part}" for part in range(5)]), range(60)))
    assert sorted(kept(wide)) == sorted(f"{number}-{part}" for number in range(60) for part in range(5))
    assert kept(file) == []


def test_a_name_is_a_file_name() -> None:
    """Whatever a person is called."""
    names = {name_of(owner) for owner in ("ada", "Ada", "../../etc/passwd", "a/b\0", "é" * 500, "\ud800")}
    assert len(names) == 6
    assert all(len(name) == 32 and name.isalnum() for name in names)
