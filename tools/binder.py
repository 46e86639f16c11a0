"""Do what Binder does with the files of `binder/`, from a copy of what git tracks, and use the result.

    python -m tools.binder

Conda's part is played by a plain environment of the same Python with the same packages, and the labextension
that was built before is copied along: Binder builds it with the Node that the file names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml

from tools.bootstrap import MIN_NODE
from tools.release.build import ROOT
from tools.release.contents import tracked
from tools.release.installed import CREDENTIALS, Installation
from tools.release.interpreters import SUPPORTED, find
from tools.release.lab import GUIDE, Lab, running
from tools.release.resolution import uv

OF_CONDA = ("python", "nodejs", "pip")
"""Of conda's own making; the rest have the same names in the package index."""
SAID = "groupby"
"""What the documentation says and the question does not."""


def main() -> int:
    """Build and use; return the exit status."""
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    problems = list(inconsistencies(environment))
    if not problems:
        with tempfile.TemporaryDirectory(prefix="gptoss-binder-") as name:
            problems += used(Path(name), pins_of(environment))
    for problem in problems:
        print(f"binder: {problem}")
    print(f"binder: {len(problems)} problems" if problems else "binder: built, and it answers")
    return 1 if problems else 0


def pins_of(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return the version of each package of an environment file; empty where any will do."""
    pairs = (str(line).partition("=") for line in environment["dependencies"])
    return {name: version for name, _, version in pairs}


def inconsistencies(environment: Mapping[str, Any]) -> Iterator[str]:
    """Yield where an environment file and the project disagree."""
    pins = pins_of(environment)
    if pins.get("python") not in SUPPORTED:
        yield f"environment.yml names Python {pins.get('python')}; supported are {', '.join(SUPPORTED)}"
    if not pins.get("nodejs", "").isdigit() or int(pins["nodejs"]) < MIN_NODE:
        yield f"environment.yml names Node {pins.get('nodejs')}; the build needs {MIN_NODE} or newer"
    if "pip" not in pins:
        yield "environment.yml names no pip, which postBuild runs"


def used(folder: Path, pins: Mapping[str, str]) -> Iterator[str]:
    """Yield what does not work of what the files make."""
    copy = folder / "repository"
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    shutil.copytree(ROOT / "gptoss_lab" / "labextension", copy / "gptoss_lab" / "labextension")
    wanted = find(pins["python"])
    if wanted is None:
        print(f"binder: no Python {pins['python']} here; {sys.version.split()[0]} plays it")
    place = Installation(wanted or Path(sys.executable), folder / "home", uv(folder))
    place.install("pip", *(name for name in pins if name not in OF_CONDA))
    own = {"PATH": f"{place.environment['PATH']}{os.pathsep}{os.defpath}"}
    done = subprocess.run(
        ["bash", "binder/postBuild"],
        cwd=copy,
        env={**place.environment, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "gptoss-lab" not in done.stdout + done.stderr:
        yield f"postBuild fails: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return
    guide = place.folder / "guide.md"
    guide.write_text(GUIDE, encoding="utf-8")
    with running(place.python, place.folder, place.environment) as lab:
        yield from lab.problems(guide)
        yield from welcome_problems(place, lab, copy / "binder" / "welcome.ipynb")


def welcome_problems(place: Installation, lab: Lab, notebook: Path) -> Iterator[str]:
    """Yield what the welcome notebook does not do; beside JupyterLab its magic prints the cells."""
    nbformat.validate(cells_of(notebook))
    executed = place.folder / "executed.ipynb"
    words = ("--to", "notebook", "--execute", "--output", str(executed), str(notebook))
    done = subprocess.run(
        [place.python, "-m", "nbconvert", *words],
        env={**place.environment, **dict(zip(CREDENTIALS, (lab.address, lab.token), strict=True))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        yield f"the welcome notebook does not run: {done.stderr[-2000:]}"
        return
    ask = next(cell for cell in cells_of(executed).cells if "%%gptoss" in cell.source)
    printed = "".join(output.get("text", "") for output in ask.outputs)
    if SAID not in printed:
        yield f"the question of the welcome notebook gives no cell: {printed[-2000:]}"


def cells_of(path: Path) -> nbformat.NotebookNode:
    """Read a notebook."""
    text = path.read_text(encoding="utf-8")
    notebook: nbformat.NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


if __name__ == "__main__":
    raise SystemExit(main())
