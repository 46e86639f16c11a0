"""Environments of tools that the tests of packages and servers use, made once and kept in the test data."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.release.resolution import environment, uv

ROOT = Path(__file__).resolve().parent.parent.parent
PINS = Path(__file__).with_name("requirements.txt")


def toolbox(pins: Path = PINS) -> Path:
    """Return the folder of the programs of an environment, installed where it is not there.

    Raises:
        subprocess.CalledProcessError: A package cannot be had; uv has said why.
    """
    digest = hashlib.sha256(sys.version.encode() + pins.read_bytes()).hexdigest()[:12]
    place = data() / f"{pins.parent.name}-{digest}"
    if (place / ".complete").is_file():
        return place / "bin"
    print(f"installing the tools of {pins.relative_to(ROOT)}", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    program = uv(place.parent)
    subprocess.run([program, "venv", "-q", "--python", sys.executable, place], check=True)
    where = str(place / "bin" / "python")
    command = [program, "pip", "install", "-q", "--python", where, "-r", str(pins)]
    subprocess.run(command, env=environment(), check=True)
    (place / ".complete").touch()
    return place / "bin"


def data() -> Path:
    """Return the folder of the test data."""
    return Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve()
