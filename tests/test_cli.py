"""The command line as a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gptoss_lab._version import __version__

PROGRAM = Path(sys.executable).with_name("jupyter-gptoss")


def test_the_console_script_is_installed() -> None:
    """`jupyter gptoss` finds it beside `jupyter`, and says the version quickly."""
    done = subprocess.run([str(PROGRAM), "--version"], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == __version__


def test_every_verb_is_named_in_the_help() -> None:
    """The exit codes are documented where a person looks for them."""
    done = subprocess.run([str(PROGRAM), "--help"], capture_output=True, text=True, check=True, timeout=30)
    for word in ("generate", "edit", "doctor", "sandbox", "index", "Exit codes", "130"):
        assert word in done.stdout
