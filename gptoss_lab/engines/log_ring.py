"""The last lines of a program's output."""

from __future__ import annotations

import re
from collections import deque

MAX_LINES = 400
MAX_LINE_CHARS = 1000
_ENDS = re.compile(rb"[\r\n]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_KEPT_BYTES = 4 * MAX_LINE_CHARS


class LogRing:
    """Keeps so many lines, each of bounded length, and forgets the rest.

    A line ends at a newline or at a carriage return, as progress bars do; a bar that is drawn again
    replaces itself, so that a minute of it does not push the rest out.

    Args:
        secret: What is never kept, whatever prints it; empty hides nothing.
        max_lines: How many lines are kept.
    """

    def __init__(self, secret: str = "", max_lines: int = MAX_LINES) -> None:
        self._secret = secret
        self._lines: deque[str] = deque(maxlen=max_lines)
        self._part = b""
        self._redrawn = False

    @property
    def lines(self) -> tuple[str, ...]:
        """What is kept, oldest first."""
        return tuple(self._lines)

    def feed(self, data: bytes) -> list[str]:
        """Take a piece of the output, and return the lines that it ended."""
        ended = []
        start = 0
        for end in _ENDS.finditer(data):
            line = self._ended(data[start : end.start()], bar=end[0] == b"\r")
            if line:
                ended.append(line)
            start = end.end()
        self._part = (self._part + data[start : start + _KEPT_BYTES])[:_KEPT_BYTES]
        return ended

    def finish(self) -> list[str]:
        """Return the last line if the output ended without a newline."""
        line = self._ended(b"", bar=False)
        return [line] if line else []

    def note(self, line: str) -> None:
        """Keep a line of our own among the program's."""
        self._lines.append(line[:MAX_LINE_CHARS])
        self._redrawn = False

    def _ended(self, data: bytes, *, bar: bool) -> str:
        line = self._cleaned((self._part + data)[:_KEPT_BYTES])
        self._part = b""
        if not line:
            self._redrawn = self._redrawn and bar  # "\\r\\n" is an end, not the beginning of another drawing
            return ""
        if self._redrawn and self._lines:
            self._lines.pop()
        self._lines.append(line)
        self._redrawn = bar
        return line

    def _cleaned(self, raw: bytes) -> str:
        text = _CONTROLS.sub("", _ESCAPES.sub("", raw.decode("utf-8", errors="replace")))
        if self._secret:
            text = text.replace(self._secret, "***")
        return text.rstrip()[:MAX_LINE_CHARS]
