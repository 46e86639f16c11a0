"""The page of the magics: the words of their own help, and the options that their parser knows."""

from __future__ import annotations

import inspect

from gptoss_lab.magics import line, verbs
from gptoss_lab.magics.words import HELP
from tools.docs.markdown import code, table
from tools.docs.markdown import page as joined

INTRODUCTION = """\
# Magics

`%%gptoss` stands in the first line of a cell; the task stands below it. In JupyterLab the page runs it,
in notebooks of any kernel. Elsewhere the kernel asks the server that `GPTOSS_LAB_URL` and
`GPTOSS_LAB_TOKEN` name. `%gptoss VERB` asks the server something.
"""
BOUNDS = (
    ("sources behind `--docs`", f"{line.MAX_SOURCES}"),
    ("cells behind `--cells`", f"{line.MAX_CELLS}"),
    ("characters of the task", f"{line.MAX_TASK_CHARS}"),
    ("characters behind `--paper`", f"{line.MAX_PAPER_CHARS}"),
)


def page() -> str:
    """Return the page."""
    options = [
        (code(name), " or ".join(map(code, line.CHOICES.get(name, ()))) or _value(name))
        for name in line.KNOWN
    ]
    asked = [(code(f"%gptoss {name}"), inspect.getdoc(verb) or "") for name, verb in verbs.VERBS.items()]
    return joined(
        INTRODUCTION,
        f"```text\n{HELP.strip()}\n```",
        "## Options of `%%gptoss`",
        table(("option", "value"), options),
        "## At most",
        table(("what", "how many"), BOUNDS),
        "## Verbs of `%gptoss`",
        table(("line", "what it says"), asked),
    )


def _value(name: str) -> str:
    if name in line.FLAGS:
        return "none"
    return {"--docs": "packages, paths, web addresses", "--cells": "a whole number"}.get(name, "one text")
