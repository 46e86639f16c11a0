"""LaTeX as a sandbox may show it: formulas and tables of known commands.

MathJax typesets `text/latex`, and formulas in the text of any HTML. Some of its commands make
links, styles, names and definitions, and one loads more of it: what is not in the list of known
commands is left as text. MathJax has no other way to write a command's name.

Source: https://docs.mathjax.org/en/v3.2/input/tex/macros/index.html
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

MAX_CHARACTERS = 256 << 10
MAX_BRACES = 100
IGNORED_BY_MATHJAX = "mathjax_ignore"
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_BRACES = re.compile(r"\\[{}]|([{}])")


def is_plain_latex(text: str) -> bool:
    """Say whether text may be typeset."""
    return len(text) <= MAX_CHARACTERS and uses_known_commands(text) and not _nests(text)


def uses_known_commands(text: str) -> bool:
    """Say whether every command in the text is a known one."""
    return "\\" not in text or all(found[1] in known_commands() for found in _COMMAND.finditer(text))


@cache
def known_commands() -> frozenset[str]:
    """Read the list of known commands."""
    lines = Path(__file__).with_name("latex_commands.txt").read_text("utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def _nests(text: str) -> bool:
    """Say whether braces nest too deeply: each level is a call in the page."""
    depth = 0
    for brace in _BRACES.finditer(text):
        depth += {"{": 1, "}": -1}.get(brace[1] or "", 0)
        if depth > MAX_BRACES:
            return True
    return False
