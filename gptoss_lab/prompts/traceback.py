"""A traceback as a model gets to see it: neutral, and short."""

from __future__ import annotations

from gptoss_lab.prompts.untrusted import neutralise, without_colours

_FIRST_LINES = 15
_LAST_LINES = 25
_MAX_CHARS = 3000
_MAX_LINE_CHARS = 400


def first_and_last(error: str) -> str:
    """Return the frame that stands first, which is the cell's own, and the end, which says what is wrong."""
    lines = [line[:_MAX_LINE_CHARS] for line in neutralise(without_colours(error)).strip().split("\n")]
    if len(lines) > _FIRST_LINES + _LAST_LINES:
        lines = [*lines[:_FIRST_LINES], "[...]", *lines[-_LAST_LINES:]]
    text = "\n".join(lines)
    if len(text) <= _MAX_CHARS:
        return text
    return f"{text[: _MAX_CHARS // 3]}\n[...]\n{text[-2 * _MAX_CHARS // 3 :]}"


def last_lines(error: str) -> str:
    """Return the end of a traceback."""
    lines = neutralise(error).strip().split("\n")[-_LAST_LINES:]
    return "\n".join(lines)[-_MAX_CHARS:]
