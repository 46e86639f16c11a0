"""The page of the command line, as Typer describes it."""

from __future__ import annotations

import re
import subprocess
import sys

from tools.docs.markdown import page as joined

FOR_READERS_OF_THE_SOURCE = re.compile(r"\n+\f?\s*Raises:\n.*?(?=\n\n\*\*)", re.DOTALL)
"""What `--help` does not show either."""
AFTER = "The [exit codes](exit-codes.md) say how a verb ended."


def page() -> str:
    """Return the page.

    Raises:
        RuntimeError: Typer did not describe it.

    Source: https://typer.tiangolo.com/tutorial/typer-command/#generate-docs
    """
    words = [sys.executable, "-m", "typer", "gptoss_lab.cli", "utils", "docs", "--name", "jupyter gptoss"]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode or "jupyter gptoss" not in made.stdout:
        raise RuntimeError(f"Typer did not describe the command line:\n{made.stderr}")
    shown = FOR_READERS_OF_THE_SOURCE.sub("", made.stdout)
    return joined("# Command line", AFTER, shown.partition("\n")[2])
