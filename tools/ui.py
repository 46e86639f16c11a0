"""Run the browser tests with the machine's own Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import neighbours
from tools.engine import VARIABLE, engine_python, missing

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui-tests"


def main() -> int:
    """Install the test packages where they are missing, run Galata, return its status."""
    environment = {
        **os.environ,
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
        "CHROMIUM_PATH": os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or "chromium",
    }
    if not missing():
        environment[VARIABLE] = str(engine_python())
    for crowd in neighbours.CROWDS:
        environment[neighbours.variable(crowd)] = str(neighbours.make(crowd))
    jlpm = Path(sys.executable).parent / "jlpm"
    installed = subprocess.run([jlpm, "install", "--immutable"], cwd=UI, env=environment, check=False)
    if installed.returncode:
        print("ui: the packages of ui-tests could not be installed; the reason is above")
        return installed.returncode
    # Words such as --last-failed go on to Playwright.
    return subprocess.run(
        [jlpm, "playwright", "test", *sys.argv[1:]], cwd=UI, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
