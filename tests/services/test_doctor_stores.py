"""A look at what is kept on the disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gptoss_lab.schemas.config import ExecutionConfig, MonitorConfig
from gptoss_lab.services.doctor_stores import stores_check, stores_of


def database(file: Path) -> Path:
    """Make a file of SQLite with something in it."""
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE a (b)")
        made.executemany("INSERT INTO a VALUES (?)", [("x" * 500,)] * 100)
    made.close()
    return file


def test_sound_files_are_well(tmp_path: Path) -> None:
    """And those that are not there yet."""
    check = stores_check([database(tmp_path / "jobs.sqlite"), tmp_path / "none.sqlite"])
    assert (check.status, check.detail, check.fix) == ("ok", "jobs.sqlite", "")


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    """Whether it is none at all, or only its inside is; what was set aside is told later."""
    file = database(tmp_path / "jobs.sqlite")
    content = bytearray(file.read_bytes())
    content[4096:20_000] = b"\xff" * 15_904
    for damaged in (b"no database at all" * 100, bytes(content)):
        file.write_bytes(damaged)
        check = stores_check([file])
        assert (check.status, bool(check.fix)) == ("fail", True)
        assert "damaged" in check.detail
    file.rename(tmp_path / "jobs.sqlite.20260101T000000000000")
    check = stores_check([file])
    assert (check.status, bool(check.fix)) == ("warn", True)


def test_a_file_that_is_not_ours_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a server was once started by root."""
    monkeypatch.setattr("os.access", lambda *_: False)
    check = stores_check([database(tmp_path / "jobs.sqlite")])
    assert (check.status, bool(check.fix)) == ("fail", True)


def test_the_files_are_where_the_configuration_says(data_home: Path, tmp_path: Path) -> None:
    """In our data folder, unless it names another; without one there is nothing to look at."""
    jobs, figures = stores_of(ExecutionConfig(), MonitorConfig(folder=str(tmp_path)))
    assert jobs == data_home / "jobs" / "jobs.sqlite"
    assert figures == tmp_path / "quality.sqlite"


@pytest.fixture
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our data folder."""
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"
