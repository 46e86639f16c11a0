"""`jupyter gptoss templates`."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.prompts.template import NAMES, built_in
from tests.cli.conftest import Invoke


def test_list_names_each(invoke: Invoke, tmp_path: Path) -> None:
    """Each template with its origin and its values; an own one with its file."""
    (tmp_path / "task.md.j2").write_text(built_in().texts["task"] + "\nBe brief.", "utf-8")
    told = invoke("templates", "list", "--folder", str(tmp_path)).stdout
    assert all(name in told for name in NAMES)
    assert str(tmp_path / "task.md.j2") in told
    assert "gets cells, language_name" in told
    assert built_in().version not in told


def test_show_prints_what_is_used(invoke: Invoke, tmp_path: Path) -> None:
    """An own template is shown where it is used, and the built-in one on demand."""
    (tmp_path / "task.md.j2").write_text(built_in().texts["task"] + "\nBe brief.", "utf-8")
    words = ("templates", "show", "task", "--folder", str(tmp_path))
    assert invoke(*words).stdout.endswith("\nBe brief.\n")
    assert invoke(*words, "--built-in").stdout.strip() == built_in().texts["task"].strip()
    assert invoke("templates", "show", "nothing").exit_code == 2


def test_check_says_what_is_wrong(invoke: Invoke, tmp_path: Path) -> None:
    """Good, bad and none; a folder that is not there is an error."""
    assert "built-in ones are used" in invoke("templates", "check").stdout
    (tmp_path / "task.md.j2").write_text(built_in().texts["task"], "utf-8")
    good = invoke("templates", "check", "--folder", str(tmp_path))
    assert (good.exit_code, good.stdout) == (0, "task.md.j2: good\n")
    (tmp_path / "edit.md.j2").write_text("{{ nothing }}", "utf-8")
    bad = invoke("templates", "check", "--folder", str(tmp_path))
    assert bad.exit_code == 1
    assert "edit.md.j2: it uses nothing, which it does not get" in bad.stdout
    missing = invoke("templates", "check", "--folder", str(tmp_path / "missing"))
    assert missing.exit_code == 2
    assert "There is no folder" in missing.stderr
