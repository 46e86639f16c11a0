"""A wheel in a clean environment: installed, used, and removed without a trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.release.lab import GUIDE, TASK, Lab, LabError, running
from tools.release.resolution import environment, requirements

OWN = ("kernel", "labextension", "server extension")
"""The checks of the doctor that only the installation decides."""
DROPPED = ("PYTHON", "JUPYTER", "GPTOSS", "DOCKER", "VIRTUAL_ENV", "XDG_")
"""How the variables begin that would let the machine's own set-up in."""
QUIET = ("-q", "--disable-pip-version-check")
CREDENTIALS = ("GPTOSS_LAB_URL", "GPTOSS_LAB_TOKEN")

VERBS = """
import typer
from typer.testing import CliRunner
from gptoss_lab.cli import app

def ask(command, words):
    told = CliRunner().invoke(root, [*words, "--help"])
    if told.exit_code or "Usage" not in told.output:
        raise SystemExit(f"{words}: {told.output}{told.exception}")
    print(*words)
    for name, below in getattr(command, "commands", {}).items():
        ask(below, [*words, name])

root = app
ask(typer.main.get_command(app), [])
"""
"""Asks every verb for its help, in one process."""


class Installation:
    """A clean environment without Node.

    Args:
        python: What it is made from.
        folder: Where it is made; everything that it writes stays below.
        uv: The program that installs; empty for pip, as a person does.
    """

    def __init__(self, python: Path, folder: Path, uv: str = "") -> None:
        self.folder = folder
        self.venv = folder / "venv"
        self.python = self.venv / "bin" / "python"
        self._uv = uv
        folder.mkdir(parents=True)
        made: list[str | Path] = [uv, "venv", "-q", "--python", python] if uv else [python, "-m", "venv"]
        subprocess.run([*made, self.venv], check=True)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of its programs: no Node on the path, no folder of a person."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        places = {
            name: str(self.folder / name.lower())
            for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        }
        own = {"PATH": str(self.venv / "bin"), "JUPYTER_PREFER_ENV_PATH": "1"}
        return {**kept, **places, **own, "GPTOSS_LAB_DATA_DIR": str(self.folder / "data")}

    def problems(self, wheel: Path) -> Iterator[str]:
        """Install, use and remove a wheel; yield what does not work."""
        self.install(*requirements(wheel))
        before = self.tree()
        self.install(str(wheel))
        if not self._uv:
            yield from self._tools()  # they ask what the page of a running JupyterLab shows as well
        guide = self.folder / "guide.md"
        guide.write_text(GUIDE, encoding="utf-8")
        yield from self._commands(guide)
        try:
            with running(self.python, self.folder, self.environment) as lab:
                yield from lab.problems(guide)
                yield from self._magic(lab)
        except LabError as error:
            yield str(error)
        self._uninstall()
        after = self.tree()
        yield from (f"`pip uninstall` leaves {path}" for path in sorted(after - before)[:20])
        yield from (f"`pip uninstall` also removes {path}" for path in sorted(before - after)[:20])

    def refusal(self, wheel: Path) -> Iterator[str]:
        """Yield a problem where a Python that is too old is not told so."""
        done = subprocess.run(
            [self.python, "-m", "pip", "install", "--no-deps", wheel],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0 or "requires a different Python" not in done.stderr:
            yield f"pip does not say that this Python is too old: {done.stderr[-300:]}"

    def tree(self) -> set[str]:
        """Return the files and folders of the environment, without compiled code of other packages."""
        found = (path.relative_to(self.venv) for path in self.venv.rglob("*"))
        return {str(path) for path in found if "__pycache__" not in path.parts or "gptoss_lab" in path.parts}

    def install(self, *what: str) -> None:
        """Install packages."""
        if self._uv:
            command = [self._uv, "pip", "install", "-q", "--python", str(self.python), *what]
        else:
            command = [str(self.python), "-m", "pip", "install", *QUIET, *what]
        subprocess.run(command, check=True, env=environment())

    def _uninstall(self) -> None:
        # uv leaves empty folders; a person has pip.
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "uninstall", *QUIET, "--yes"]
        subprocess.run([*command, "gptoss-lab"], check=True)

    def _tools(self) -> Iterator[str]:
        if shutil.which("node", path=self.environment["PATH"]):
            yield "there is a Node in the clean environment"
        listed = self._said("jupyter-labextension", "list")
        if not all(word in listed for word in ("gptoss-lab", "enabled", "OK")):
            yield f"`jupyter labextension list` does not show it: {listed}"
        if "gptoss_lab" not in self._said("jupyter-server", "extension", "list"):
            yield "`jupyter server extension list` does not show it"
        doctor = json.loads(self._run("jupyter-gptoss", "doctor", "--json").stdout)
        for check in doctor["checks"]:
            if check["name"] in OWN and check["status"] == "fail":
                yield f"doctor: {check['name']}: {check['detail']}"

    def _commands(self, guide: Path) -> Iterator[str]:
        helped = self._run("python", "-c", VERBS)
        if helped.returncode or "generate" not in helped.stdout:
            yield f"`--help` of the verbs fails: {helped.stdout[-600:]}{helped.stderr[-600:]}"
        notebook = self.folder / "means.ipynb"
        words = ("--docs", str(guide), "--task", TASK, "--no-verify", "--out", str(notebook))
        made = self._run("jupyter-gptoss", "generate", *words)
        if made.returncode or "statistics" not in (notebook.read_text() if notebook.exists() else ""):
            yield f"`jupyter gptoss generate` made no notebook: {made.stdout}{made.stderr}"

    def _magic(self, lab: Lab) -> Iterator[str]:
        given = dict(zip(CREDENTIALS, (lab.address, lab.token), strict=True))
        done = subprocess.run(
            [self.venv / "bin" / "ipython", "-c", "%load_ext gptoss_lab.magics\n%gptoss status"],
            cwd=self.folder,
            env={**self.environment, **given},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or "Error" in done.stdout + done.stderr:
            yield f"the magic does not answer: {done.stdout}{done.stderr}"

    def _said(self, *command: str) -> str:
        done = self._run(*command)
        return done.stdout + done.stderr

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.venv / "bin" / command[0], *command[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
