"""`jupyter gptoss dataset export`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Invoke
from tests.fakes.reviewed import cell, rows, write


def test_nothing_is_written_without_a_yes(invoke: Invoke, tmp_path: Path) -> None:
    """It says what would be written, and how to agree."""
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 1"))
    result = invoke("dataset", "export", str(tmp_path / "nb"), "--out", str(tmp_path / "set"))
    assert result.exit_code == 2
    assert "Nothing was written. This writes your tasks, your code" in result.stderr
    assert "--agree" in result.stderr
    assert not (tmp_path / "set").exists()


def test_a_yes_on_the_command_line(invoke: Invoke, tmp_path: Path) -> None:
    """It writes the folder and says what is in it."""
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 1"))
    words = ("dataset", "export", str(tmp_path / "nb"), "--out", str(tmp_path / "set"), "--validation", "0")
    result = invoke(*words, "--agree")
    assert result.exit_code == 0, result.output
    assert "sft-train.jsonl: 1 rows" in result.stdout
    assert "1 notebooks, 1 generations; cells: 1 accepted, 0 edited, 0 rejected" in result.stdout
    assert len(rows(tmp_path / "set", "sft-train")) == 1
    assert invoke(*words, "--agree").exit_code == 2
    report = json.loads(invoke(*words, "--agree", "--force", "--json").stdout)
    assert report["verdicts"] == {"accepted": 1, "edited": 0, "rejected": 0}


def test_a_yes_in_the_configuration(invoke: Invoke, config_dir: Path, tmp_path: Path) -> None:
    """An administrator, or the person, has agreed once; a notebook that cannot be read is told."""
    (config_dir / "jupyter_server_config.py").write_text('c.GptossLabApp.feedback = {"export": True}')
    (tmp_path / "bad.ipynb").write_text("nonsense")
    result = invoke("dataset", "export", str(tmp_path / "bad.ipynb"), "--out", str(tmp_path / "set"))
    assert result.exit_code == 3
    assert "Passed by: bad.ipynb: bad.ipynb is no notebook: it is not JSON" in result.stderr
    assert "Nothing that was reviewed to the end was found" in result.stderr
