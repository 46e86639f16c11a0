"""Copying data into a sandbox that cannot mount it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gptoss_lab.errors import TooLargeError
from gptoss_lab.sandbox import data_copy as data_copy_module
from gptoss_lab.sandbox.data import check_data
from gptoss_lab.sandbox.data_copy import copied_bytes, copy_data, read_regular
from gptoss_lab.sandbox.files import WorkingFolder
from gptoss_lab.schemas.execution import Limits


class Room(WorkingFolder):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__("", 1 << 30)
        self.written: dict[str, bytes] = {}

    async def write_file(self, path: str, content: bytes) -> None:
        """Keep it."""
        self.written[path] = content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files, a link and a name that hides something."""
    folder = tmp_path.resolve() / "study"
    (folder / "raw").mkdir(parents=True)
    (folder / "raw" / "a.csv").write_text("1\n")
    (folder / "b.csv").write_text("2\n")
    (folder / "away").symlink_to("/etc/passwd")
    (folder / "a\u202eb").write_text("x")
    return folder


async def test_regular_files_are_copied(folder: Path) -> None:
    """Files keep their paths below the folder; links and names that trick are left out."""
    room = Room()
    await copy_data(check_data([str(folder)], allowed=True), room, Limits())
    assert room.written == {"b.csv": b"2\n", "raw/a.csv": b"1\n"}
    room = Room()
    await copy_data(check_data([str(folder / "b.csv"), str(folder / "raw")], allowed=True), room, Limits())
    assert room.written == {"b.csv": b"2\n", "raw/a.csv": b"1\n"}


async def test_too_much_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes or files than are copied are an error that says what to do."""
    shown = check_data([str(folder)], allowed=True)
    (folder / "big").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(TooLargeError, match="larger than the 1 MiB") as caught:
        await copy_data(shown, Room(), Limits(disk_bytes=1 << 20))
    assert "Show less" in caught.value.hint
    monkeypatch.setattr(data_copy_module, "MAX_COPIED_FILES", 1)
    with pytest.raises(TooLargeError, match="More than 1 files"):
        await copy_data(shown, Room(), Limits())


def test_the_copy_fits_the_sandbox() -> None:
    """No more is copied than the sandbox's disk and half of its memory hold."""
    assert copied_bytes(Limits(disk_bytes=5 << 20)) == 5 << 20
    assert copied_bytes(Limits(memory_bytes=64 << 20)) == 32 << 20
    assert copied_bytes(Limits(memory_bytes=1 << 40, disk_bytes=1 << 40)) == 256 << 20


def test_a_file_that_became_something_else_is_not_read(folder: Path) -> None:
    """What was a file when it was listed and is a pipe or a link now does not hold the copy up."""
    os.mkfifo(folder / "pipe")
    assert read_regular(folder / "pipe", 100) is None
    with pytest.raises(OSError, match="symbolic"):
        read_regular(folder / "away", 100)
    assert read_regular(folder / "b.csv", 1) is None
    assert read_regular(folder / "b.csv", 2) == b"2\n"
