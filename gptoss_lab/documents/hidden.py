"""Removal of text that a reader cannot see and a model would."""

from __future__ import annotations

import re
import unicodedata

# Zero-width, bidirectional controls, soft hyphen, variation selectors, and the tag characters of U+E0000.
# Source: https://www.unicode.org/reports/tr36/
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt)?\s*(?:;|$)"
    r"|(?<![-\w])color\s*:\s*(?:white\b|#fff(?:fff)?\b|transparent)"
    r"|text-indent\s*:\s*-\d{3,}|left\s*:\s*-\d{4,}px",
    re.IGNORECASE,
)
_HARMONY = re.compile(r"<\|([A-Za-z_]{1,32})\|>")


def strip_invisible(text: str) -> str:
    """Return the text without invisible and control characters, and with model control tokens defused."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    text = _CONTROLS.sub("", _INVISIBLE.sub("", text))
    return _HARMONY.sub(r"< |\1| >", text)


def hides(style: str) -> bool:
    """Say whether the style of an HTML element hides it from readers."""
    return _HIDING.search(style) is not None


def strip_comments(text: str) -> str:
    """Return the text without HTML comments, which Markdown hides from its readers."""
    return _HTML_COMMENT.sub("", text)


def compose(text: str) -> str:
    """Return the text in NFKC, so that ligatures and full-width letters become plain letters."""
    return unicodedata.normalize("NFKC", text)
