"""Answers of servers that know no Harmony: channels glued to their text, as in `analysisWe…assistantfinal…`.

Such a server decodes without control tokens and hands on all that is left as content.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["reasoning", "content"]

FINAL_WORD = "assistantfinal"
_ANALYSIS = re.compile(r"\s*analysis(?=[A-Z\"'(])")
_FINAL = re.compile(rf"\s*(?:{FINAL_WORD}|final(?=```|[A-Z][a-z]* [a-z]))")
_UNDECIDED = re.compile(r"\s*(?:a|an|ana|anal|analy|analys|analysi|analysis|f|fi|fin|fina|final`{0,2})?")
_UNDECIDED_WORD = re.compile(r"\s*(?:as|assistant\w{0,5}|ass\w{0,6}|final[A-Z][a-z]{0,20} ?)")
_MAX_HELD_CHARS = 64
_MAX_KEPT_CHARS = 1 << 18


class Part(NamedTuple):
    """A stretch of an answer: what the model thought, or what it says."""

    kind: Kind
    text: str


class GluedFilter:
    """Tells thought from answer in glued text; other text passes as it is."""

    def __init__(self) -> None:
        self._state: Literal["start", "analysis", "content"] = "start"
        self._held = ""
        self._thought = ""

    def feed(self, piece: str) -> list[Part]:
        """Return what is certain by now."""
        if self._state == "content":
            return [Part("content", piece)] if piece else []
        self._held += piece
        if self._state == "start" and not self._begin(final=False):
            return []
        return self._taken(final=False)

    def finish(self) -> list[Part]:
        """Return what was held back. A thought that holds a fence and has no end was an answer."""
        if self._state == "start":
            self._begin(final=True)
        was_thought = self._state == "analysis"
        parts = self._taken(final=True)
        if was_thought and self._state == "analysis" and "```" in self._thought:
            parts.append(Part("content", self._thought))
        self._state = "content"
        return parts

    def _begin(self, *, final: bool) -> bool:
        """Decide by the first characters what kind of answer it is; say whether that was possible."""
        for pattern, state in ((_ANALYSIS, "analysis"), (_FINAL, "content")):
            match = pattern.match(self._held)
            if match:
                self._held = self._held[match.end() :]
                self._state = "analysis" if state == "analysis" else "content"
                return True
        open_end = _UNDECIDED.fullmatch(self._held) or _UNDECIDED_WORD.fullmatch(self._held)
        if open_end and len(self._held) < _MAX_HELD_CHARS and not final:
            return False
        self._state = "content"
        return True

    def _taken(self, *, final: bool) -> list[Part]:
        if self._state == "content":
            text, self._held = self._held, ""
            return [Part("content", text)] if text else []
        thought, marker, answer = self._held.partition(FINAL_WORD)
        if marker:
            self._state, self._held = "content", ""
            return [part for part in (Part("reasoning", thought), Part("content", answer)) if part.text]
        keep = 0 if final else _overlap(self._held)
        cut = len(self._held) - keep
        thought, self._held = self._held[:cut], self._held[cut:]
        self._thought = (self._thought + thought)[-_MAX_KEPT_CHARS:]
        return [Part("reasoning", thought)] if thought else []


def _overlap(text: str) -> int:
    """Return how many characters at the end could begin the word that ends the thought."""
    lengths = range(min(len(text), len(FINAL_WORD) - 1), 0, -1)
    return next((length for length in lengths if text.endswith(FINAL_WORD[:length])), 0)
