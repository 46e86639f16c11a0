"""Make the tuner's environment that tests use: on top of the engine's, whose torch is not brought twice.

    python -m tools.tuner

It takes 280 MB beside the engine's environment. With GPTOSS_LAB_TUNER_PYTHON tests use the environment of
that Python.
"""

from __future__ import annotations

import os
from pathlib import Path

from gptoss_lab.engines.tuning.environment import TUNING
from tools.overlay import overlay

VARIABLE = "GPTOSS_LAB_TUNER_PYTHON"
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
    return overlay("tuner", PACKAGES)


if __name__ == "__main__":
    print(f"The tuner's Python: {tuner_python()}")
