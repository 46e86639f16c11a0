"""Paths to show, as they are given on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.cli.shown import shown_paths
from gptoss_lab.errors import NotFoundError


def test_paths_are_the_places_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths start here, a tilde is the home folder, and links are resolved."""
    (tmp_path / "study").mkdir()
    (tmp_path / "link").symlink_to("study")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    place = str(tmp_path.resolve() / "study")
    assert shown_paths([Path("study"), Path("link"), Path("~/study")]) == (place,) * 3


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(NotFoundError, match="nothing to show"):
        shown_paths([tmp_path / "nothing"])
