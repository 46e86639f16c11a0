"""The labextension as it is released: what a checkout holds may be a development build, which is larger."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("package.json", "tsconfig.json", "yarn.lock", ".yarnrc.yml", "src", "style", "schema")


@contextlib.contextmanager
def production_path() -> Iterator[str]:
    """Build the labextension for release; give the JUPYTER_PATH on which JupyterLab finds it first.

    Raises:
        RuntimeError: It cannot be built.
    """
    with tempfile.TemporaryDirectory(prefix="gptoss-lab-production-") as name:
        folder = Path(name)
        for entry in COPIED:
            source = ROOT / entry
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, folder / entry)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        _run(folder, str(ROOT / "node_modules/.bin/tsc"))
        _run(folder, str(Path(sys.executable).parent / "jupyter-builder"), "build", ".")
        found = folder / "share" / "labextensions"
        found.mkdir(parents=True)
        (found / "gptoss-lab").symlink_to(folder / "gptoss_lab" / "labextension")
        yield os.pathsep.join(filter(None, (str(found.parent), os.environ.get("JUPYTER_PATH", ""))))


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
