"""Templates of a person's own."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gptoss_lab.prompts.overrides import read_overrides, read_wording, templates_folder
from gptoss_lab.prompts.template import built_in
from gptoss_lab.schemas.config import PromptConfig


def test_a_good_template_takes_its_place(tmp_path: Path) -> None:
    """A file in our data folder is used, and makes another version; the house rules come along."""
    folder = templates_folder(PromptConfig(), tmp_path)
    folder.mkdir()
    text = built_in().texts["developer"] + "\nWrite short lines.\n"
    (folder / "developer.md.j2").write_text(text, "utf-8")
    wording = read_wording(PromptConfig(house_rules="Be kind."), tmp_path)
    assert wording.templates.texts["developer"] == text
    assert wording.templates.version != built_in().version
    assert (wording.rules, wording.notes) == ("Be kind.", ())


def test_a_bad_template_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The built-in one is used instead; the log and a note say why."""
    (tmp_path / "task.md.j2").write_text("{{ task }}", "utf-8")
    (tmp_path / "edit.md.j2").write_bytes(b"\xff\xfe")
    (tmp_path / "other.md.j2").write_text("x", "utf-8")
    with caplog.at_level(logging.WARNING):
        wording = read_wording(PromptConfig(templates=str(tmp_path)), tmp_path / "data")
    assert wording.templates.version == built_in().version
    assert len(wording.notes) == 3
    assert "task.md.j2 is not used" in wording.notes[2]
    assert "no template has this name" in caplog.text
    assert "cannot be read" in caplog.text


def test_no_folder_is_no_template(tmp_path: Path) -> None:
    """Nobody needs templates of their own."""
    assert read_overrides(tmp_path / "missing") == []
