"""Environments of tests on top of the engine's, whose torch and vLLM are not brought twice."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.engine import engine_python

ROOT = Path(__file__).resolve().parent.parent


def overlay(name: str, packages: Sequence[str]) -> Path:
    """Return the Python of an environment with these packages; make it where it is not there.

    Args:
        name: The folder in the test data.
        packages: Pinned, and with all that they need and the engine's environment lacks: they are installed
            without their dependencies, or pip would bring a second torch.

    Raises:
        RuntimeError: A package could not be installed; the message says which.
    """
    engine = engine_python()
    digest = hashlib.sha256(repr((packages, str(engine), sys.version_info[:2])).encode()).hexdigest()[:12]
    data = Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve()
    folder = data / name
    place = folder / f"tests-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (place / "done").is_file():
            shutil.rmtree(place, ignore_errors=True)
            _make(place, engine, packages)
            (place / "done").touch()
    return place / "bin" / "python"


def _make(place: Path, engine: Path, packages: Sequence[str]) -> None:
    _run(str(engine), "-I", "-m", "venv", "--without-pip", str(place))
    below = next((place / "lib").glob("python3*")) / "site-packages"
    beneath = next((engine.parent.parent / "lib").glob("python3*")) / "site-packages"
    (below / "engine.pth").write_text(f"{beneath}\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet")
    _run(*pip, "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", *packages)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed; is PyPI reachable?\n{done.stderr[-2000:]}")
