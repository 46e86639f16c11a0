"""Which cell a block of an answer says that it is, in the ways in which models say it."""

from __future__ import annotations

import re

_NUMBER = r"cell[\W_]{0,4}(?P<number>\d{1,2})(?!\d)"
_IN_INFO = re.compile(rf"(?i)(?<![a-z]){_NUMBER}|[\s:#=](?P<bare>\d{{1,2}})\s*\}}?\Z")
_NEW = re.compile(r"(?i)\bnew\b")
_IN_COMMENT = re.compile(rf"(?i)\A\s*(?:#|//|<!--)[\W_]{{0,8}}{_NUMBER}[^\n]{{0,60}}(?:\n|\Z)")
_IN_HEADING = re.compile(
    rf"(?i)\A[\W_]{{0,8}}(?:(?:the|new|changed|updated|rewritten) ){{0,2}}{_NUMBER}.{{0,60}}\Z"
)
_GONE = re.compile(
    r"(?i)\A\s*(?:#|<!--)\W{0,4}(?:(?:this |the )?cell (?:is |was |has been |can be )?|to be )?"
    r"(?:deleted?|removed?|empty|dropped|gone)\b[^\n]{0,60}\Z"
)

NEW = 0


def in_label(label: str) -> int | None:
    """Return the number that the info string of a fence names; `NEW` for a new cell, None for none."""
    found = _IN_INFO.search(label)
    if found:
        return int(found["number"] or found["bare"])
    return NEW if _NEW.search(label) else None


def in_first_line(text: str) -> tuple[int, str] | None:
    """Return the number that a comment in the first line names, and the text below it."""
    found = _IN_COMMENT.match(text)
    return (int(found["number"]), text[found.end() :]) if found else None


def in_heading(prose: str) -> int | None:
    """Return the number that the last line of the prose above a block names."""
    lines = prose.strip().rsplit("\n", 1)
    found = _IN_HEADING.match(lines[-1].strip()) if lines[-1] else None
    return int(found["number"]) if found else None


def says_gone(text: str) -> bool:
    """Say whether a block holds nothing but the word that its cell goes."""
    return not text.strip() or _GONE.match(text.strip()) is not None


def may_say_gone(beginning: str) -> bool:
    """Say whether a block that begins so may turn out to say nothing but that: it is one comment so far."""
    text = beginning.strip()
    return not text or (text.startswith(("#", "<")) and "\n" not in text)
