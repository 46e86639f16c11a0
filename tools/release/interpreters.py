"""The Pythons of this machine, by version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
TOO_OLD = ("3.9", "3.8", "3.7")
_VERSION = "import ssl, sqlite3, sys; print('%d.%d' % sys.version_info[:2])"


def find(version: str) -> Path | None:
    """Return a Python of a minor version: this one, one on the path, or one that pyenv or uv keeps."""
    return next((path for path in _candidates(version) if _version_of(path) == version), None)


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    home = Path.home()
    for folder in (
        Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        home / ".local" / "share" / "uv" / "python",
    ):
        # Newest first, by number: 3.10.13 comes before 3.10.9.
        kept = [path for path in folder.glob(f"*{version}.*") if (path / "bin" / "python").exists()]
        for path in sorted(kept, key=lambda path: _numbers(path.name), reverse=True):
            yield path / "bin" / "python"
    named = shutil.which(f"python{version}")
    if named:
        yield Path(named)


def _numbers(name: str) -> list[int]:
    return [int(part) for part in name.replace("-", ".").split(".") if part.isdigit()]


def _version_of(path: Path) -> str:
    """Return the version that a Python says of itself; empty where it does not run, like some of pyenv's."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", _VERSION], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
