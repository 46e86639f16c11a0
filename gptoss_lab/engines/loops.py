"""Notice that a model repeats itself without end.

A repetition is a text that ends in the same stretch several times over, character by character.
Texts that only resemble each other are none: code is full of them.
"""

from __future__ import annotations

from gptoss_lab.engines.base import ChatDelta, ContentDelta, ReasoningDelta

_WINDOW_CHARS = 8192
_STEP_CHARS = 256
_PROBE_CHARS = 48
_MAX_PERIOD_CHARS = 1200
# How often a stretch must come in a row, and over how many characters. Code may repeat more than
# thought: a table of zeros, a line of dashes.
_REASONING = (4, 600)
_CONTENT = (6, 2400)


class LoopGuard:
    """Listens to one answer. It holds a bounded stretch of it, and looks at it now and then."""

    def __init__(self) -> None:
        self._reasoning = _Tail(*_REASONING)
        self._content = _Tail(*_CONTENT)

    def repeats(self, delta: ChatDelta) -> bool:
        """Take a delta and say whether the answer is in a loop."""
        if isinstance(delta, ReasoningDelta):
            return self._reasoning.loops(delta.text)
        return isinstance(delta, ContentDelta) and self._content.loops(delta.text)


class _Tail:
    def __init__(self, times: int, chars: int) -> None:
        self._times = times
        self._chars = chars
        self._pieces: list[str] = []
        self._text = ""
        self._waiting = 0

    def loops(self, piece: str) -> bool:
        self._pieces.append(piece)
        self._waiting += len(piece)
        if self._waiting < _STEP_CHARS:
            return False
        self._text = (self._text + "".join(self._pieces))[-_WINDOW_CHARS:]
        self._pieces, self._waiting = [], 0
        period = _period(self._text)
        if not 0 < period <= _MAX_PERIOD_CHARS:
            return False
        length = max(self._chars, self._times * period)
        tail = self._text[-length:]
        return len(tail) == length and tail[period:] == tail[:-period]


def _period(text: str) -> int:
    """Return after how many characters the end of a text comes back; 0 where it does not."""
    probe = text[-_PROBE_CHARS:]
    if len(text) <= _PROBE_CHARS:
        return 0
    place = text.rfind(probe, 0, len(text) - 1)
    return len(text) - len(probe) - place if place >= 0 else 0
