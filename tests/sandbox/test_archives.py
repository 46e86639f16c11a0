"""Files that carry an image, and files that do not."""

from __future__ import annotations

import asyncio
import io
import tarfile
import threading
from pathlib import Path

import pytest

from gptoss_lab.errors import RequestError, StorageError
from gptoss_lab.sandbox.archives import HEADER, NotOursError, archive_runtime, stoppable, written_whole


def write_tar(file: Path, *names: str) -> Path:
    """Write an archive of empty files."""
    with tarfile.open(file, "w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return file


def test_the_first_member_tells_the_runtime(tmp_path: Path) -> None:
    """Ours begins with its description; anything else is for Docker to look at."""
    assert archive_runtime(write_tar(tmp_path / "a", HEADER, "x")) == "bubblewrap"
    assert archive_runtime(write_tar(tmp_path / "b", "blobs", HEADER)) == "docker"


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    """With the reason: not there, not an archive, empty, a folder."""
    (tmp_path / "text").write_text("hello " * 1000)
    (tmp_path / "folder").mkdir()
    for name in ("text", "folder"):
        with pytest.raises(NotOursError, match="cannot be read as a tar archive"):
            archive_runtime(tmp_path / name)
    with pytest.raises(NotOursError, match="empty"):
        archive_runtime(write_tar(tmp_path / "empty"))
    with pytest.raises(RequestError, match="There is no file"):
        archive_runtime(tmp_path / "nothing")


def fill(target: Path) -> None:
    """Write until the disk is full."""
    with written_whole(target, force=True) as file:
        file.write(b"tw")
        raise OSError(28, "No space left on device")


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """What was there before stays when the writing fails; no draft is left."""
    target = tmp_path / "folder" / "image.tar"
    target.parent.mkdir()
    with written_whole(target, force=False) as file:
        file.write(b"one")
    assert target.read_bytes() == b"one"
    with pytest.raises(RequestError, match="exists"), written_whole(target, force=False):
        pytest.fail("it is not to be replaced")
    with pytest.raises(StorageError, match="No space left"):
        fill(target)
    assert target.read_bytes() == b"one"
    with written_whole(target, force=True) as file:
        file.write(b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in target.parent.iterdir()] == ["image.tar"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder that is not there, for one."""
    place = written_whole(tmp_path / "no" / "image.tar", force=False)
    with pytest.raises(StorageError, match="cannot be written"), place:
        pytest.fail("there is nowhere to write")


async def test_a_thread_is_waited_for_when_its_caller_is_cancelled() -> None:
    """It is told to stop, and what it leaves is known."""
    began, ended = threading.Event(), threading.Event()

    def work(stopped: threading.Event) -> None:
        began.set()
        assert stopped.wait(60)
        ended.set()

    task = asyncio.create_task(stoppable(lambda stopped: asyncio.to_thread(work, stopped)))
    assert await asyncio.to_thread(began.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
