"""Which lines of a PDF are headings, and of which level."""

from __future__ import annotations

import re

from gptoss_lab.papers.pdf_layout import Layout, is_bold
from gptoss_lab.papers.text_lines import TextLine

REFERENCES = frozenset(["references", "bibliography", "literature cited", "works cited", "literature"])

_NUMBERED = re.compile(r"^((?:\d+|[A-Z]|[IVX]+)(?:\.\d+){0,3})(?P<dot>\.?)\s+(?=\S)")
_APPENDIX = re.compile(r"^Appendix\s+[A-Z]\b[.:]?\s*", re.IGNORECASE)
_KNOWN = REFERENCES | {
    "abstract",
    "introduction",
    "conclusion",
    "conclusions",
    "discussion",
    "results",
    "methods",
    "method",
    "appendix",
    "acknowledgments",
    "acknowledgements",
    "related work",
    "experiments",
}
_LARGE = 1.05
_MAX_CHARS = 130
_MAX_WORDS = 20
_ENDS = ".,;:"
_JOINED = 1.6


class Headings:
    """Tells headings by their numbers, size and weight; remembers how each level is set."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, float], int] = {}
        self._level = 1

    def level(self, line: TextLine, above: TextLine | None, layout: Layout) -> int:
        """Return the level of a heading; 0 for a line that is none.

        Args:
            line: The line.
            above: The one before it in the text.
            layout: That of its page.
        """
        text = line.text.strip()
        listed = len(line.cells) > 1 and line.cells[-1].text.isdigit()  # in a table of contents
        if listed or not _could_be(line, text):
            return 0
        style = (line.font, round(line.size, 1))
        stands_out = is_bold(line) or line.size >= _LARGE * layout.body
        match = _NUMBERED.match(text)
        if match and stands_out and text[match.end()].isalpha():
            found = match[1].count(".") + 1
            self._styles.setdefault(style, found)
        elif _APPENDIX.match(text) and stands_out:
            found = 1
        elif text.lower().rstrip(".:") in _KNOWN and (stands_out or text.isupper()):
            found = self._styles.get(style, 1)
        elif stands_out and self._stands_alone(line, above, layout):
            found = self._styles.setdefault(style, min(self._level + 1, 5) if self._styles else 1)
        else:
            return 0
        self._level = found if match or style not in self._styles else self._styles[style]
        return found

    def _stands_alone(self, line: TextLine, above: TextLine | None, layout: Layout) -> bool:
        text = line.text.strip()
        left, right = layout.column(line)
        if (
            text[-1] in _ENDS
            or line.right > right - layout.body
            or not text[0].isupper()
            or len(line.cells) > 1
        ):
            return False
        gap = above.y - line.y if above is not None and above.page == line.page else float("inf")
        centred = abs((line.x - left) - (right - line.right)) < 2 * layout.body
        flush = line.x <= left + 3
        return (flush or centred) and (gap < 0 or gap > 1.25 * layout.body)

    def joins(self, heading: TextLine, line: TextLine) -> bool:
        """Say whether a line is the second of a heading."""
        close = 0 < heading.y - line.y < _JOINED * heading.size
        return (
            close and line.font == heading.font and round(line.size - heading.size, 1) == 0 and not line.mono
        )


def _could_be(line: TextLine, text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    few = len(text) <= _MAX_CHARS and len(text.split()) <= _MAX_WORDS
    return few and letters >= 3 and letters > len(text) / 2 and not line.mono and line.math < 0.5  # noqa: PLR2004


def bare(text: str) -> str:
    """Return a heading without its number."""
    text = text.strip()
    match = _NUMBERED.match(text)
    return text[match.end() :] if match and text[match.end()].isalpha() else text
