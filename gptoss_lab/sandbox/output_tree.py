"""Whether markup is written so plainly that a parser's work grows only with its length.

An HTML parser repairs what is badly nested, and some repairs walk all that is open or repeat it: a
megabyte of openings keeps it busy for minutes. What is well-formed, flat and made of ordinary
elements needs no repair that repeats.
"""

from __future__ import annotations

import re

from gptoss_lab.sandbox.output_words import words

MAX_DEPTH = 64
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
# Elements whose openings or ends change how all that follows is read.
ODD = words(
    """
    base body button form frame frameset head html iframe keygen listing math noembed noframes noscript
    object option optgroup plaintext script select style svg template textarea title xmp
    """
)
# Attributes, and the end of the tag.
_REST = r"(?:\s+[A-Za-z_:@][-\w:.@]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*\s*/?>"
_TAG = re.compile(rf"<(/?)([A-Za-z][A-Za-z0-9-]*){_REST}")
_AROUND = re.compile(rf"</?(?:body|button|form|html){_REST}", re.IGNORECASE)


def without_frames(text: str) -> str:
    """Drop the tags, not the content, of what stands around ordinary elements and shows nothing itself."""
    return _AROUND.sub("", text)


def is_flat(text: str) -> bool:
    """Say whether every element is ordinary, is closed in order, and none nests deeply."""
    opened: list[str] = []
    at = text.find("<")
    while at >= 0:
        tag = _TAG.match(text, at)
        if tag is None:
            return False
        name = tag[2].lower()
        if name in ODD or (tag[1] and (not opened or opened.pop() != name)):
            return False
        if not tag[1] and name not in VOID:
            opened.append(name)
            if len(opened) > MAX_DEPTH:
                return False
        at = text.find("<", tag.end())
    return not opened
