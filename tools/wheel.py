"""Build the wheel, install it where there is no Node, and see that everything in it works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTENTS = (
    "gptoss_lab/extension.py",
    "gptoss_lab/sandbox/agent/boot.py",
    "gptoss_lab/sandbox/locks/python.txt",
    "share/jupyter/labextensions/gptoss-lab/package.json",
    "share/jupyter/labextensions/gptoss-lab/install.json",
    "share/jupyter/labextensions/gptoss-lab/schemas/gptoss-lab/plugin.json",
    "etc/jupyter/jupyter_server_config.d/gptoss_lab.json",
    "share/jupyter/kernels/gptoss-python/kernel.json",
    "share/jupyter/kernels/gptoss-r/kernel.json",
)
SUFFIXES = (".md.j2", "checks/agent/cells.R", "sandbox/agent/main.R")


def main() -> int:
    """Build, install, look; return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        problems = missing_from(wheel) or problems_when_installed(wheel, folder / "venv")
    for problem in problems:
        print(f"wheel: {problem}")
    print("wheel: 1 failed" if problems else "wheel: contents, extension, kernelspec and commands are there")
    return 1 if problems else 0


def build(folder: Path) -> Path:
    """Build the wheel into `folder`; the labextension was built before."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "-q",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        ".",
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


def missing_from(wheel: Path) -> list[str]:
    """Name what the wheel should hold and does not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    wanted = [*CONTENTS, *SUFFIXES]
    return [f"{wheel.name} lacks {path}" for path in wanted if not any(name.endswith(path) for name in names)]


def problems_when_installed(wheel: Path, venv: Path) -> list[str]:
    """Install the wheel in a clean environment without Node; say what does not work there."""
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    bare = {**os.environ, "PATH": str(venv / "bin"), "JUPYTER_PREFER_ENV_PATH": "1"}
    bare |= {name: str(venv / "nothing") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    subprocess.run([venv / "bin/python", "-m", "pip", "-q", "install", wheel], env=bare, check=True)
    problems = []
    listed = output(venv, bare, "jupyter-labextension", "list")
    if "gptoss-lab" not in listed or "enabled" not in listed:
        problems.append(f"`jupyter labextension list` does not show it: {listed}")
    if "gptoss_lab" not in output(venv, bare, "jupyter-server", "extension", "list"):
        problems.append("`jupyter server extension list` does not show it")
    kernels = json.loads(output(venv, bare, "jupyter-kernelspec", "list", "--json", stderr=False))[
        "kernelspecs"
    ]
    problems += [
        f"the kernelspec {name} is not installed"
        for name in ("gptoss-python", "gptoss-r")
        if name not in kernels
    ]
    doctor = json.loads(output(venv, bare, "jupyter-gptoss", "doctor", "--json", stderr=False))
    problems += [
        f"doctor: {c['name']}: {c['detail']}"
        for c in doctor["checks"]
        if c["name"] in OWN and c["status"] == "fail"
    ]
    return problems


OWN = ("kernel", "labextension", "server extension")
"""The checks of the doctor that only the installation decides."""


def output(venv: Path, environment: Mapping[str, str], *command: str, stderr: bool = True) -> str:
    """Return what a program of the environment prints."""
    done = subprocess.run(
        [venv / "bin" / command[0], *command[1:]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + (done.stderr if stderr else "")


if __name__ == "__main__":
    raise SystemExit(main())
