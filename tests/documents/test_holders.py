"""Whose an index is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from gptoss_lab.documents.holders import Holders
from gptoss_lab.errors import StorageError


def test_what_nobody_asked_for_by_name_is_everyones(tmp_path: Path) -> None:
    """So is what the command line or an earlier version has indexed."""
    holders = Holders(tmp_path)
    assert holders.sees("a-1", "ada")
    holders.hold("b-1", "")
    assert holders.sees("b-1", "ada")
    assert not holders.holds("b-1", "ada")


def test_what_is_written_is_nobodys_until_it_is_given(tmp_path: Path) -> None:
    """Between the file and its owner no other person sees it, not even when the server ends there."""
    holders = Holders(tmp_path)
    holders.begin("a-1", existed=False)
    assert not holders.sees("a-1", "bob")
    assert holders.sees("a-1", "")
    holders.hold("a-1", "ada")
    assert holders.sees("a-1", "ada")
    assert not holders.sees("a-1", "bob")


def test_what_was_everyones_stays_so(tmp_path: Path) -> None:
    """One person who asks for an old index does not take it from the others."""
    holders = Holders(tmp_path)
    holders.hold("used", "ada")
    holders.begin("renewed", existed=True)
    holders.hold("renewed", "ada")
    assert holders.sees("used", "bob")
    assert holders.sees("renewed", "bob")


def test_the_last_one_turns_off_the_light(tmp_path: Path) -> None:
    """Who leaves takes only their own name away; the empty owner takes all."""
    holders = Holders(tmp_path)
    holders.begin("a-1", existed=False)
    holders.hold("a-1", "ada")
    holders.hold("a-1", "bob")
    assert not holders.leave("a-1", "ada")
    assert not holders.sees("a-1", "ada")
    assert holders.leave("a-1", "bob")
    holders.hold("b-1", "ada")
    assert holders.leave("b-1", "")
    assert not holders.held("b-1")


def test_what_nobody_got_is_told_apart(tmp_path: Path) -> None:
    """Only an index that was written and given to nobody is forsaken, not one that is everyone's."""
    holders = Holders(tmp_path)
    assert not holders.forsaken("a-1")
    holders.begin("a-1", existed=False)
    assert holders.forsaken("a-1")
    assert not holders.held("a-1")


@pytest.mark.parametrize("owner", ["../../x", "a/b", "ä\ud800", "x" * 5000])
def test_any_name_is_a_file_in_its_folder(owner: str, tmp_path: Path) -> None:
    """A user name may hold anything, and leads nowhere else."""
    holders = Holders(tmp_path)
    holders.begin("a-1", existed=False)
    holders.hold("a-1", owner)
    assert holders.holds("a-1", owner)
    (file,) = (tmp_path / "holders" / "a-1").iterdir()
    assert len(file.name) == 32
    assert file.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes nothing is an error of ours, with a hint."""

    def full(_self: Path, **_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(StorageError):
        Holders(tmp_path).hold("a-1", "ada")
