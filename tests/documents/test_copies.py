"""Copies of files."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from gptoss_lab.documents.copies import copy_file


@pytest.mark.parametrize("number", [0, errno.EOPNOTSUPP, errno.EXDEV])
def test_a_copy_is_whole_with_and_without_shared_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Where the file system cannot share them, the bytes are written."""
    if number:

        def refuse(*_: object) -> None:
            raise OSError(number, "no")

        monkeypatch.setattr(fcntl, "ioctl", refuse)
    (tmp_path / "a").write_bytes(b"words" * 1_000_000)
    copy_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


def test_a_full_disk_is_not_taken_for_another_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is the caller's to tell."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no")

    monkeypatch.setattr(fcntl, "ioctl", fail)
    (tmp_path / "a").write_bytes(b"words")
    with pytest.raises(OSError, match="no"):
        copy_file(tmp_path / "a", tmp_path / "b")
