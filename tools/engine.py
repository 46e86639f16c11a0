"""Make the engine's environment that tests use: vLLM for CPUs, as `jupyter gptoss model install` does.

    python -m tools.engine

It takes 3.4 GB and minutes. With GPTOSS_LAB_ENGINE_PYTHON tests use the environment of that Python.
"""

from __future__ import annotations

import asyncio
import os
import platform
from pathlib import Path

from gptoss_lab.engines.environment import EngineEnvironment
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Hardware

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "GPTOSS_LAB_ENGINE_PYTHON"


def engine_python() -> Path:
    """Return the Python of the engine's environment, there or not."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _environment().python() or _data() / "engines" / "none"


def missing() -> str:
    """Say why tests have no engine; empty where they have one."""
    python = engine_python()
    if python.is_file():
        return ""
    return f"no engine at {python}; `python -m tools.engine` makes it (3.4 GB), or set {VARIABLE}"


def make() -> Path:
    """Make the environment of this version's recipe where it is not there; return its Python.

    It is for the CPU also where there is a GPU, so that tests find the same engine everywhere.

    Raises:
        EngineLoadError: It does not run here, or a package could not be installed.
    """
    if os.environ.get(VARIABLE):
        return engine_python()
    shown = ""

    def report(text: str, done: int, total: int) -> None:
        nonlocal shown
        step = text.partition(": ")[0]
        if step != shown:
            print(f"{step} ({done} of {total} steps done)", flush=True)
        shown = step

    here = Hardware(system=platform.system(), machine=platform.machine())
    return asyncio.run(_environment().install(report, hardware=here))


def _environment() -> EngineEnvironment:
    return EngineEnvironment(_data(), ModelConfig())


def _data() -> Path:
    return Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve()


if __name__ == "__main__":
    print(f"The engine's Python: {make()}")
