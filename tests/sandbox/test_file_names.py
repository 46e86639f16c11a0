"""Paths that come out of a sandbox, or go in."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.errors import RequestError
from gptoss_lab.sandbox.file_names import HIDDEN, is_plain, plain_path

BAD = [
    *("", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a/.", "a//b", "a/", "C:\\x", "..\\x"),
    *("a\0b", "a\nb", "a\x1b[2Jb", "a\u202efdp.exe", "a\u200bb", "a\ud800", "a\u2028b", "a/ /b", " "),
    *("x" * 256, "é" * 128, "d/" * 16 + "x", "d/" * 600),
]


@pytest.mark.parametrize("path", BAD, ids=ascii)
def test_tricks_are_refused(path: str) -> None:
    """A path that is absolute, climbs, hides something or is too long is refused with a hint."""
    assert not is_plain(path)
    with pytest.raises(RequestError, match="is not the path of a file") as caught:
        plain_path(path)
    assert "relative path" in caught.value.hint


@pytest.mark.parametrize("path", ["a", "fit 2.csv", "out/plots/é.png", ".hidden", "図.png", "..a", "x" * 255])
def test_names_that_people_give_are_taken(path: str) -> None:
    """Spaces, accents and other scripts are names like any other."""
    assert plain_path(path) == path


@given(st.text(max_size=40))
def test_a_plain_path_joins_below_its_folder(path: str) -> None:
    """Whatever is taken has only real names in it, and shows every character."""
    if not is_plain(path):
        return
    assert not path.startswith("/")
    assert not {"", ".", ".."} & set(path.split("/"))
    assert not {unicodedata.category(character) for character in path} & HIDDEN
    assert (PurePosixPath("/root") / path).is_relative_to("/root")
