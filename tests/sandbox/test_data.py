"""What of a person's files may be shown."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import PolicyError, RequestError
from gptoss_lab.folders import data_dir, run_dir
from gptoss_lab.sandbox.data import MAX_SHOWN, Shown, check_data, require_readable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with some data."""
    folder = tmp_path.resolve() / "study"
    (folder / "raw").mkdir(parents=True)
    (folder / "raw" / "a.csv").write_text("1\n")
    (folder / "b.csv").write_text("2\n")
    (folder / "away").symlink_to("/etc/passwd")
    return folder


def test_one_folder_is_the_data_itself(folder: Path) -> None:
    """A folder is seen as /data; links in it lead nowhere from inside and are no reason to refuse."""
    assert check_data([str(folder)], allowed=True) == (Shown(folder, "/data", is_folder=True),)
    assert check_data((), allowed=False) == ()


def test_files_have_their_names(folder: Path) -> None:
    """Single files, and several things, are seen under their own names."""
    shown = check_data([folder / "b.csv", folder / "raw"], allowed=True)
    assert [(item.target, item.is_folder) for item in shown] == [("/data/b.csv", False), ("/data/raw", True)]


def test_the_administrator_may_forbid_it(folder: Path) -> None:
    """Where it is not allowed nothing is shown."""
    with pytest.raises(PolicyError, match="does not show files"):
        check_data([str(folder)], allowed=False)


@pytest.mark.parametrize("asked", ["/tmp", 3, None, {"a": 1}, [3], [None]])  # noqa: S108 - only a value
def test_what_is_no_list_of_paths(asked: Any) -> None:
    """A word, a number or a dictionary is refused."""
    with pytest.raises(RequestError, match="no list of paths"):
        check_data(asked, allowed=True)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/proc",
        "/proc/self",
        "/sys",
        "/dev",
        "/dev/null",
        "/etc",
        "/etc/passwd",
        "/run",
        "relative",
        "/none",
    ],
)
def test_places_of_the_system_are_refused(path: str) -> None:
    """The system's own places, what is above them, and what is not there cannot be shown."""
    with pytest.raises(PolicyError):
        check_data([path], allowed=True)


def test_our_own_places_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Our data, our sockets, Jupyter's keys and a person's are never shown, nor what holds them."""
    home = tmp_path.resolve() / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / "work").mkdir()
    monkeypatch.setenv("HOME", str(home))
    runtime = home / "jupyter" / "runtime"
    runtime.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    for path in (data_dir(), run_dir(), run_dir().parent, runtime, runtime.parent, home, home / ".ssh"):
        with pytest.raises(PolicyError):
            check_data([str(path)], allowed=True)
    assert check_data([str(home / "work")], allowed=True)[0].target == "/data"


def test_a_link_is_refused(folder: Path) -> None:
    """A link, as the last name or on the way, is not followed: the place itself is to be named."""
    (folder.parent / "link").symlink_to(folder)
    for path in (folder.parent / "link", folder.parent / "link" / "raw", folder / "raw" / ".." / "raw"):
        with pytest.raises(PolicyError, match="through a link"):
            check_data([str(path)], allowed=True)


def test_special_files_are_refused(folder: Path) -> None:
    """A pipe or socket could be used through a read-only mount, named or somewhere in a folder."""
    os.mkfifo(folder / "raw" / "pipe")
    with pytest.raises(PolicyError, match="a socket, a pipe or a device"):
        check_data([str(folder)], allowed=True)
    with pytest.raises(PolicyError, match="neither a regular file nor a folder"):
        check_data([str(folder / "raw" / "pipe")], allowed=True)
    with tempfile.TemporaryDirectory(prefix="gl-") as name, socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"{name}/sock")
        with pytest.raises(PolicyError, match="a socket, a pipe or a device"):
            check_data([str(Path(name).resolve())], allowed=True)


def test_names_are_plain_and_different(folder: Path, tmp_path: Path) -> None:
    """Two things of one name, too many, and a name that hides something are refused."""
    other = tmp_path.resolve() / "b.csv"
    other.write_text("3")
    with pytest.raises(RequestError, match=r"named b\.csv"):
        check_data([str(folder / "b.csv"), str(other)], allowed=True)
    with pytest.raises(RequestError, match="No more than"):
        check_data([str(folder)] * (MAX_SHOWN + 1), allowed=True)
    tricky = tmp_path.resolve() / "a\u202eb"
    tricky.write_text("x")
    with pytest.raises(PolicyError):
        check_data([str(tricky)], allowed=True)


def test_what_the_sandbox_cannot_read_is_said(folder: Path) -> None:
    """Modes that keep others out are named, with what to do."""
    shown = check_data([str(folder)], allowed=True)
    folder.chmod(0o755)
    require_readable(shown)
    folder.chmod(0o750)
    with pytest.raises(PolicyError, match="not readable by the sandbox") as caught:
        require_readable(shown)
    assert "chmod o+rX" in caught.value.hint
    file = check_data([str(folder / "b.csv")], allowed=True)
    (folder / "b.csv").chmod(0o640)
    with pytest.raises(PolicyError, match=r"b\.csv is not readable"):
        require_readable(file)
