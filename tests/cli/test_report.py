"""`jupyter gptoss report`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.services import reports
from tests.cli.conftest import Invoke
from tests.routes.test_report import notebook


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A notebook with one generated cell."""
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook(task="plot")))
    return path


def test_it_is_printed(saved: Path, invoke: Invoke) -> None:
    """As Markdown, and nothing else."""
    result = invoke("report", str(saved))
    assert result.exit_code == 0
    assert result.stdout.startswith("# Generated cells in a.ipynb\n")
    assert "- **Task:** plot\n" in result.stdout


def test_it_is_written(saved: Path, invoke: Invoke, tmp_path: Path) -> None:
    """A file that exists is replaced only by force."""
    out = tmp_path / "report.html"
    words = ("report", str(saved), "--format", "html", "-o", str(out))
    assert invoke(*words).stdout == f"The report is in {out}\n"
    assert out.read_text().startswith("<!DOCTYPE html>")
    refused = invoke(*words)
    assert (refused.exit_code, "exists" in refused.stderr) == (2, True)
    assert invoke(*words, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"), [("nonsense", "it is not JSON"), ("[" * 200_000, "it is not JSON"), ("{}", "format 4")]
)
def test_what_is_no_notebook_is_refused(text: str, said: str, tmp_path: Path, invoke: Invoke) -> None:
    """In a sentence."""
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    result = invoke("report", str(path))
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_cannot_be_read_or_written_is_told(saved: Path, tmp_path: Path, invoke: Invoke) -> None:
    """Nothing is printed instead."""
    missing = invoke("report", str(tmp_path / "b.ipynb"))
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert invoke("report", str(saved), "-o", str(tmp_path / "no" / "x.md")).exit_code == 2


def test_a_huge_file_is_not_read(saved: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told why."""
    monkeypatch.setattr(reports, "MAX_NOTEBOOK_BYTES", 10)
    assert "larger than" in invoke("report", str(saved)).stderr
