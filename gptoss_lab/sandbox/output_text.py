"""Text as a page may show it: colours stay, everything else that is not plainly seen goes.

A terminal's sequences move cursors, set titles, make links and write clipboards; direction marks and
invisible characters let a reader see something else than what is there. A sequence may be cut in
two by the border between two messages: `TextFilter` keeps its beginning until the rest has come.

Source: https://ecma-international.org/publications-and-standards/standards/ecma-48/
"""

from __future__ import annotations

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# One call of a pattern keeps the interpreter to itself: this bounds for how long.
PIECE_CHARACTERS = 32 << 10
MAX_LINE_CHARACTERS = 64 << 10
# Longer than any colour that is in use; and what a terminal takes for a title or a link.
MAX_CONTROL_CHARACTERS = 64
MAX_STRING_CHARACTERS = 4096

_SGR = r"\x1b\[[0-9;:]{0,60}m"
_ESCAPES = re.compile(
    rf"(?P<kept>{_SGR})"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # other control sequences: cursor, screen, modes
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # strings for the terminal: titles, links, clipboard
    r"|\x1b",
    re.DOTALL,
)
_SGR_ONLY = re.compile(_SGR)
_UNENDED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?)?", re.DOTALL)
# C0 but tab, line feed, carriage return and escape; DEL and C1; what turns the direction of text.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# What has no width and no use in shown text: soft hyphens, fillers, zero-width spaces and joiners of
# words, byte order marks, annotations, line separators; tags and the second set of variation
# selectors, which can carry whole messages that nobody sees. Joiners (ZWJ, ZWNJ) and the first set
# of selectors are part of scripts and emoji and stay.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Halves of surrogate pairs, which no UTF-8 text can carry, and code points that are no characters.
_BROKEN = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
FORBIDDEN = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_BROKEN}]")


class TextFilter:
    """Cleans a text that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what of the text so far may be shown now, without what was returned before."""
        text = self._held + text
        self._held = ""
        cut = text.rfind("\x1b", -MAX_STRING_CHARACTERS - 2)
        # A string for the terminal may end with an escape of its own.
        before = text.rfind("\x1b", -MAX_STRING_CHARACTERS - 2, cut) if text.endswith("\x1b") else cut
        for start in (before, cut):
            if start >= 0 and self._is_unended(text[start:]):
                text, self._held = text[:start], text[start:]
                break
        return _clean(text)

    def flush(self) -> str:
        """Return what may be shown of a sequence that never ended."""
        held, self._held = self._held, ""
        return _clean(held)

    def _is_unended(self, tail: str) -> bool:
        limit = MAX_CONTROL_CHARACTERS if tail.startswith("\x1b[") else MAX_STRING_CHARACTERS
        return len(tail) <= limit and _UNENDED.fullmatch(tail) is not None


def clean_text(text: str) -> str:
    """Keep colours, replace every other control, direction mark, invisible and broken character."""
    if len(text) <= PIECE_CHARACTERS:
        return _clean(text)
    filter_ = TextFilter()
    starts = range(0, len(text), PIECE_CHARACTERS)
    pieces = [filter_.feed(text[start : start + PIECE_CHARACTERS]) for start in starts]
    return "".join([*pieces, filter_.flush()])


def cut_lines(text: str) -> str:
    """Cut lines that are too long for a page to lay out, and say so."""
    if len(text) <= MAX_LINE_CHARACTERS:
        return text
    return "".join(map(_cut_line, text.splitlines(keepends=True)))


def strip_ansi(text: str) -> str:
    """Return clean text without colours."""
    return _SGR_ONLY.sub("", clean_text(text))


def _cut_line(line: str) -> str:
    more = len(line.rstrip("\r\n")) - MAX_LINE_CHARACTERS
    if more <= 0:
        return line
    return (
        f"{line[:MAX_LINE_CHARACTERS]} [{more} more characters in this line]"
        f"{line[MAX_LINE_CHARACTERS + more :]}"
    )


def _clean(text: str) -> str:
    if "\x1b" in text:
        text = _ESCAPES.sub(lambda match: match["kept"] or "", text)
    return text if text.isascii() and text.isprintable() else FORBIDDEN.sub(REPLACEMENT, text)
