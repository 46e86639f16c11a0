"""Runs a script of `ui-tests/bench` in Node, which drives a real Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parent.parent / "ui-tests" / "bench"
WITHIN_S = 600.0


def drive(script: str, *words: str) -> Any:
    """Run the script and return the JSON that it prints last.

    Raises:
        RuntimeError: There is no Node, or the script failed.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("These figures need Node.js and Chromium.")
    command = [node, str(SCRIPTS / script), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN_S)
    if done.returncode or not done.stdout:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])
