"""Completion for the shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gptoss_lab.cli import names
from gptoss_lab.cli.completion import PROGRAM, VARIABLE
from gptoss_lab.errors import StorageError
from gptoss_lab.folders import data_dir
from tests.cli.conftest import Invoke

SHELLS = ("bash", "zsh", "fish")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_completes_our_program(shell: str, invoke: Invoke) -> None:
    """Under the name that a shell sees."""
    script = invoke("completion", "show", shell).output.strip()
    assert PROGRAM in script
    assert VARIABLE in script
    assert (
        json.loads(invoke("completion", "show", shell, "--json").output)["script"].strip() == script.strip()
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_it_is_installed_where_the_shell_looks(
    shell: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the home folder, and the file is told."""
    monkeypatch.setenv("HOME", str(tmp_path))
    told = json.loads(invoke("completion", "install", shell, "--json").output)
    assert told["shell"] == shell
    assert VARIABLE in Path(told["file"]).read_text()
    assert Path(told["file"]).is_relative_to(tmp_path)


def test_the_shell_is_that_of_the_environment(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is one that we know; else it is to be named."""
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "complete --command" in invoke("completion", "show").output
    monkeypatch.setenv("SHELL", "/bin/ksh")
    unknown = invoke("completion", "show")
    assert unknown.exit_code == 2
    assert "bash, zsh or fish" in unknown.stderr


def test_names_are_looked_up_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes by their files, kernels as Jupyter finds them; what goes wrong completes nothing."""
    folder = data_dir() / "corpora"
    folder.mkdir()
    for name in ("numpy-1a", "numpy-2b", "scipy-3c"):
        (folder / f"{name}.index").touch()
    assert names.corpora("num") == ["numpy-1a", "numpy-2b"]
    assert names.kernels("no-kernel-is-called-so") == []

    def full() -> Path:
        raise StorageError("The folder cannot be made")

    monkeypatch.setattr("gptoss_lab.folders.data_dir", full)
    assert names.corpora("") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_a_verb(tmp_path: Path) -> None:
    """The real shell with the real script: `jupyter-gptoss gener` and Tab."""
    program = tmp_path / PROGRAM
    program.write_text(f"#!{sys.executable}\nfrom gptoss_lab.cli import main\nmain()\n")
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = subprocess.run(
        [str(program), "completion", "show", "bash"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    asked = f"""{script}
        COMP_WORDS=({PROGRAM} gener); COMP_CWORD=1
        _jupyter_gptoss_completion {PROGRAM}; echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", asked], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["generate"]
