"""Make text that others wrote safe to stand in a prompt."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

# A variation selector can carry a hidden byte, a tag character a hidden letter.
# Source: https://www.unicode.org/reports/tr36/
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_TOKEN_END = re.compile(r"(<\|[^<>|\n]{0,80})\|>")
# Source: https://ecma-international.org/publications-and-standards/standards/ecma-48/
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_KEPT = frozenset("\n\t")
_SECRET = secrets.token_bytes(32)


def neutralise(text: str) -> str:
    """Remove hidden characters, and break what a model server could read as a control token.

    A lone `|>` stays: it is R's pipe, and no token without its beginning.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() or not text.isprintable():
        text = "".join(character for character in _INVISIBLE.sub("", text) if _is_visible(character))
    return _TOKEN_END.sub(r"\1| >", text).replace("<|", "< |")


def without_colours(text: str) -> str:
    """Remove the control sequences of a terminal, which a traceback of a notebook holds."""
    return _TERMINAL.sub("", text)


def one_line(text: str) -> str:
    """Return neutral text on one line, for a title or a version."""
    return " ".join(neutralise(text).split())


def marker_for(*texts: str, secret: bytes = _SECRET) -> str:
    """Return a delimiter that stands in none of the texts and that their authors cannot know.

    It is a keyed hash of the texts, so that the same documents give the same prompt prefix as long
    as the server runs, and the model's cache serves them.
    """
    joined = "\0".join(texts)
    attempt = 0
    while (marker := _digest(secret, attempt, joined)) in joined:
        attempt += 1
    return marker


def _digest(secret: bytes, attempt: int, text: str) -> str:
    message = f"{attempt}\0{text}".encode("utf-8", "replace")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:16]


def _is_visible(character: str) -> bool:
    return character in _KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
