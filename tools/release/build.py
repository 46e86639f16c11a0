"""The source distribution and the wheel, built without Node from what the checkout holds."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EPOCH = "1577836800"
"""The time that every file of a package gets, so that one checkout gives one package, byte for byte."""


def sdist(folder: Path, source: Path = ROOT) -> Path:
    """Build the source distribution into `folder`; the labextension was built before.

    Raises:
        subprocess.CalledProcessError: The build failed and has said why.
    """
    _build(source, "sdist", folder)
    return next(folder.glob("*.tar.gz"))


def wheel(folder: Path, source: Path = ROOT) -> Path:
    """Build the wheel into `folder`; the labextension was built before.

    Raises:
        subprocess.CalledProcessError: The build failed and has said why.
    """
    _build(source, "wheel", folder)
    return next(folder.glob("*.whl"))


def unpack(package: Path, folder: Path) -> Path:
    """Unpack a source distribution; return the folder that it holds."""
    with tarfile.open(package) as archive:
        archive.extractall(folder, filter="data")
    (inside,) = folder.iterdir()
    return inside


def _build(source: Path, kind: str, folder: Path) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PATH": _bare_path(folder)}
    environment.pop("PYTHONPATH", None)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)],
        cwd=source,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("GPTOSS_LAB_VERBOSE") else subprocess.DEVNULL,
    )


def _bare_path(folder: Path) -> str:
    """Return a PATH that leads to no program: no Node, no npm, no jlpm."""
    programs = folder / "no-programs"
    programs.mkdir(parents=True, exist_ok=True)
    return str(programs)
