"""Notebook files: wholly or not at all."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from gptoss_lab.cli.notebook_file import check_target, write_notebook
from gptoss_lab.errors import ConflictError, RequestError, StorageError


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The new text is there with the old file's mode, and no other file is left."""
    path = tmp_path / "a.ipynb"
    path.write_text("old")
    path.chmod(0o640)
    write_notebook({"cells": ["é"]}, path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"cells": ["é"]}
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.glob("*.ipynb*")) == [path]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    """As any program would make it, not private like the temporary file."""
    mask = os.umask(0o022)
    try:
        write_notebook({}, tmp_path / "a.ipynb")
        assert (tmp_path / "a.ipynb").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(mask)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-written, and a sentence that says why."""
    path = tmp_path / "a.ipynb"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gptoss_lab.cli.notebook_file.os.fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        write_notebook({"cells": []}, path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["a.ipynb"]


def test_targets_are_refused_early(tmp_path: Path) -> None:
    """A missing folder, a folder, and a file that would be lost."""
    with pytest.raises(RequestError, match="does not exist"):
        check_target(tmp_path / "no" / "a.ipynb", force=True)
    with pytest.raises(RequestError, match="is a folder"):
        check_target(tmp_path, force=True)
    (tmp_path / "a.ipynb").write_text("")
    with pytest.raises(ConflictError):
        check_target(tmp_path / "a.ipynb", force=False)
    check_target(tmp_path / "a.ipynb", force=True)
