"""Our folders."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.folders import data_dir, run_dir


def test_the_data_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made on first use, for its owner alone."""
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(tmp_path / "a" / "b"))
    assert data_dir() == tmp_path / "a" / "b"
    assert stat.S_IMODE(data_dir().stat().st_mode) == 0o700


def test_the_platforms_place_is_used_without_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every desktop program does."""
    monkeypatch.delenv("GPTOSS_LAB_DATA_DIR")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: str(tmp_path / name))
    assert data_dir() == tmp_path / "gptoss_lab"


def test_a_folder_that_cannot_be_made_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(tmp_path / "file" / "x"))
    with pytest.raises(StorageError, match="file/x"):
        data_dir()


def test_sockets_fit_in_the_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies in the session's own folder where there is one."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert run_dir() == tmp_path / "gptoss_lab"
    assert stat.S_IMODE(run_dir().stat().st_mode) == 0o700


def test_a_run_folder_that_others_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads a kernel's socket runs code as us."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "gptoss_lab").mkdir(mode=0o755)
    with pytest.raises(StorageError, match="not a private folder"):
        run_dir()
