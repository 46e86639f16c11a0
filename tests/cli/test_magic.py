"""`jupyter gptoss magic`, and IPython that reads what it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gptoss_lab.cli import app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own IPython folder, with something of theirs in it."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    path = tmp_path / "profile_default" / "ipython_config.py"
    path.parent.mkdir()
    path.write_text("c.InteractiveShell.confirm_exit = False\n")
    return path


def call(*arguments: str) -> tuple[int, str]:
    """Call the verb; return its exit code and what it said."""
    result = CliRunner().invoke(app, ["magic", *arguments])
    return result.exit_code, result.output


def test_enable_status_and_disable(config: Path) -> None:
    """Each says what is, and a second time changes nothing."""
    own = config.read_text()
    assert call("status")[1].startswith("%%gptoss is off in IPython's profile default")
    assert call("enable") == (0, f"%%gptoss is on in {config}. Restart the kernels that run.\n")
    once = config.read_text()
    assert call("enable") == (0, f"%%gptoss was on already in {config}.\n")
    assert config.read_text() == once
    assert "is on in" in call("status")[1]
    assert call("disable")[0] == 0
    assert config.read_text() == own
    assert "was off already" in call("disable")[1]


def test_another_profile_is_another_file(config: Path) -> None:
    """It is made where there is none."""
    assert call("enable", "--profile", "lab")[0] == 0
    assert (config.parent.parent / "profile_lab" / "ipython_config.py").exists()
    assert "gptoss" not in config.read_text()


def test_what_cannot_be_read_is_refused(config: Path) -> None:
    """With the exit code of a wrong call, and a hint."""
    config.write_text("c = (\n")
    code, said = call("enable")
    assert code == 2
    assert "left as it is" in said
    assert config.read_text() == "c = (\n"


def test_ipython_knows_the_magic_then(config: Path) -> None:
    """Without %load_ext, in a program of its own."""
    assert call("enable")[0] == 0
    script = "get_ipython().run_cell('%%gptoss --dry-run\\nmean of a column')"
    run = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(config.parent.parent)},
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "This would be sent; nothing was." in run.stdout, run.stderr
