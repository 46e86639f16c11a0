"""Paragraphs from lines: words that were split at line ends are whole again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gptoss_lab.papers.text_lines import TextLine

_HYPHEN = "-\u00ad\u2010"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)[-\u00ad\u2010]$")
_FIRST = re.compile(r"^[^\W\d_]+")


class Joiner:
    """Joins lines; which hyphens belong to words is taken from the words of the whole paper."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: set[str] = set()
        broken = False
        for text in texts:
            words = [word.lower() for word in _WORD.findall(text)]
            ends = text[-1:] in _HYPHEN
            self._words.update(words[1 if broken else 0 : len(words) - 1 if ends else None])
            broken = ends

    def join(self, texts: Sequence[str]) -> str:
        """Return the text of several lines."""
        out = ""
        for text in texts:
            text = text.strip()  # noqa: PLW2901 - the same line
            if not out:
                out = text
            elif out[-1] in _HYPHEN and (joined := self._whole(out, text)) is not None:
                out = joined
            else:
                out = f"{out} {text}"
        return out

    def _whole(self, before: str, after: str) -> str | None:
        last, first = _LAST.search(before), _FIRST.match(after)
        if last is None or first is None:
            return None
        solid, hyphened = last[1] + first[0], f"{last[1]}-{first[0]}"
        known = last[1].lower() in self._words and first[0].lower() in self._words
        keeps = solid.lower() not in self._words and (known or hyphened.lower() in self._words)
        if keeps or not first[0][0].islower():
            return before[:-1] + "-" + after
        return before[:-1] + after

    def lines(self, lines: Sequence[TextLine]) -> str:
        """Return the text of several lines of a page."""
        return self.join([line.text for line in lines])
