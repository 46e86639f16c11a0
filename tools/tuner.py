"""Make the tuner's environment that tests use: on top of the engine's, whose torch is not brought twice.

    python -m tools.tuner

It takes 280 MB beside the engine's environment. With GPTOSS_LAB_TUNER_PYTHON tests use the environment of
that Python.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from gptoss_lab.engines.tuning.environment import TUNING
from tools.engine import engine_python

VARIABLE = "GPTOSS_LAB_TUNER_PYTHON"
ROOT = Path(__file__).resolve().parent.parent
# What TRL and datasets need beside what the engine's environment has; without their dependencies, or pip
# would bring a second torch.
OTHERS = (
    "pyarrow==26.0.1",
    "pandas==3.1.1",
    "xxhash==4.1.0",
    "multiprocess==0.70.19",
    "python-dateutil==2.9.0.post0",
    "six==1.17.0",
)
PACKAGES = (*(package for package in TUNING if not package.startswith("accelerate")), *OTHERS)


def tuner_python() -> Path:
    """Return the Python of the tuner's environment; make it where it is not there.

    Raises:
        RuntimeError: A package could not be installed; the message says which.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    engine = engine_python()
    digest = hashlib.sha256(repr((PACKAGES, str(engine), sys.version_info[:2])).encode()).hexdigest()[:12]
    folder = (
        Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve() / "tuner"
    )
    place = folder / f"tests-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (place / "done").is_file():
            shutil.rmtree(place, ignore_errors=True)
            _make(place, engine)
            (place / "done").touch()
    return place / "bin" / "python"


def _make(place: Path, engine: Path) -> None:
    _run(str(engine), "-I", "-m", "venv", "--without-pip", str(place))
    below = next((place / "lib").glob("python3*")) / "site-packages"
    beneath = next((engine.parent.parent / "lib").glob("python3*")) / "site-packages"
    (below / "engine.pth").write_text(f"{beneath}\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet")
    _run(*pip, "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", *PACKAGES)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed; is PyPI reachable?\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    print(f"The tuner's Python: {tuner_python()}")
