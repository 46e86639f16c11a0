"""Start the tuner: `python -I .../engines/tuner/main.py SETTING.json`.

gptoss_lab is not installed in the tuner's environment, and what stands beside it here must not become
importable there. So this folder alone is mounted, under its own name.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

PACKAGE = "gptoss_lab.engines.tuner"


def mount(folder: Path) -> None:
    """Make the modules of one folder importable as those of this package."""
    parts = PACKAGE.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        module = ModuleType(name)
        module.__path__ = [str(folder)] if name == PACKAGE else []
        sys.modules[name] = module


def main() -> int:
    """Tune until done or stopped; return the exit status."""
    mount(Path(__file__).resolve().parent)
    from gptoss_lab.engines.tuner.work import run  # noqa: PLC0415 - importable only once it is mounted

    return run(Path(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
