"""Letters as they are meant: ligatures in parts, typeset quotes and dashes of code as they are typed."""

from __future__ import annotations

import re
import unicodedata

from gptoss_lab.documents.hidden import strip_invisible

# What typesetting makes of the characters of code. Source: the T1 and OT1 encodings of TeX.
_TYPED = str.maketrans({
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2013": "-",
    "\u2212": "-",
    "\u02dc": "~",
    "\u223c": "~",
    "\u02c6": "^",
    "\u2423": " ",
    "\u00a0": " ",
    "\u00ad": "-",
})
_KEPT = ("<super>", "<sub>", "<fraction>")
# What fonts use for the pieces of large brackets, which say nothing by themselves.
_PRIVATE = re.compile("[\uf8e0-\uf8ff]")
_LATIN_ENDS = "\u0250"


def typed(text: str) -> str:
    """Return a line of code as it was typed."""
    return strip_invisible(text.translate(_TYPED))


def prose(text: str) -> str:
    """Return text with plain letters and single spaces; exponents and fractions stay what they are."""
    plain = text if text.isascii() else "".join(_plain(char) for char in text)
    return " ".join(_PRIVATE.sub("", strip_invisible(plain)).split())


def _plain(char: str) -> str:
    if char < _LATIN_ENDS or unicodedata.decomposition(char).startswith(_KEPT):
        return char
    return unicodedata.normalize("NFKC", char)


def plain_letter(char: str) -> str:
    """Return one letter without its dress, which may be several: a ligature gives its parts."""
    return _plain(char)
