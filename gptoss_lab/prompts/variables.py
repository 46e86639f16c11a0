"""What the variables of a notebook's kernel are, in words: names, types and shapes, never values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.generation import NotebookVariable

MAX_CHARS = 6000
_MAX_COLUMNS = 40
_MAX_WORD_CHARS = 80
_WORD = re.compile(r"\w(?:[\w.]*\w)?")


def variable_lines(variables: Sequence[NotebookVariable], task: str) -> tuple[list[str], int]:
    """Return a line for each variable, those that the task names first, and how many do not fit."""
    words = set(_WORD.findall(task))
    wanted = sorted(variables, key=lambda variable: variable.name not in words)
    lines: list[str] = []
    used = 0
    for variable in wanted:
        line = _line(variable)
        if used + len(line) > MAX_CHARS:
            break
        used += len(line)
        lines.append(line)
    return lines, len(variables) - len(lines)


def _line(variable: NotebookVariable) -> str:
    told = f"`{_word(variable.name)}`: {_word(variable.type)}"
    if variable.shape:
        told += f", shape {' x '.join(map(str, variable.shape))}"
    if variable.columns:
        shown = [
            f"`{_word(column.name)}`" + (f" {_word(column.type)}" if column.type else "")
            for column in variable.columns[:_MAX_COLUMNS]
        ]
        more = len(variable.columns) - len(shown)
        told += f", columns {', '.join(shown)}" + (f" and {more} more" if more else "")
    return told


def _word(text: str) -> str:
    """Return a name that cannot end its own quotation."""
    return one_line(text).replace("`", "'")[:_MAX_WORD_CHARS]
