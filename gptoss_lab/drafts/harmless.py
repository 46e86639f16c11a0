"""Text cells that load nothing from elsewhere: what reads a notebook must not tell a stranger of it.

A page shows Markdown as soon as it is there, before anybody has reviewed it, and an image or a frame is
fetched when it is shown. Its address can carry what the model has read.
"""

from __future__ import annotations

import re
from collections.abc import Collection

# Elements that load or run something, and any element with attributes, of which a style can load too.
_ELEMENT = re.compile(
    r"<(?!https?://)(?=/?[A-Za-z][\w:-]*[\s/]"
    r"|/?(?:audio|base|body|embed|form|frame|frameset|html|iframe|image|img|input|link|math|meta|object|picture"
    r"|portal|script|source|style|svg|table|track|video)\b)",
    re.IGNORECASE,
)


def harmless(text: str, kept: Collection[str] = ()) -> str:
    """Return Markdown whose images are links and whose HTML is text.

    A space breaks both, within code too: which parser will read it, and where it sees code, is not known.

    Args:
        text: Whole lines.
        kept: Lines that stay as they are, since they are the person's own.
    """
    if "![" not in text and "<" not in text:
        return text
    return "\n".join(line if line in kept else _broken(line) for line in text.split("\n"))


def _broken(line: str) -> str:
    # A tag may end on the next line, as its name may end at the end of this one.
    return _ELEMENT.sub("< ", f"{line}\n".replace("![", "! ["))[:-1]


class LineByLine:
    """Lets text through in whole lines, each harmless."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> str:
        """Return the lines that are complete by now."""
        whole, newline, self._rest = (self._rest + piece).rpartition("\n")
        return harmless(whole + newline) if newline else ""

    def finish(self) -> str:
        """Return the last line, and begin anew."""
        rest, self._rest = self._rest, ""
        return harmless(rest)
