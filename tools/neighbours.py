"""Make the environments of the extensions that ours is tested beside.

    python -m tools.neighbours

Each is a folder of its own that is laid over the development environment, so that neither the
other tests nor a person's own JupyterLab see them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "ui-tests" / "neighbours"
CROWDS = ("collaboration", "crowd")


def variable(crowd: str) -> str:
    """Return the name of the environment variable that names an environment's folder."""
    return f"GALATA_{crowd.upper()}"


def make(crowd: str) -> Path:
    """Install an environment where it is not there; return its folder.

    Raises:
        subprocess.CalledProcessError: A package could not be installed; pip has said why.
    """
    place = _folder(crowd)
    if place.is_dir():
        return place
    print(f"neighbours: installing {crowd}", flush=True)
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    try:
        # What they need beside these pins, JupyterLab above all, is in this environment already.
        subprocess.run([*pip, "--target", draft, "-r", PINS / f"{crowd}.txt"], check=True)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place


def _folder(crowd: str) -> Path:
    digest = hashlib.sha256(sys.version.encode())
    for pins in sorted(PINS.glob("*.txt")):
        digest.update(pins.read_bytes())
    data = Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve()
    return data / "neighbours" / f"{crowd}-{digest.hexdigest()[:12]}"


if __name__ == "__main__":
    for name in CROWDS:
        print(f"{name}: {make(name)}")
