"""Two answers that say the same: equal, or equal but for layout, comments and the form of quotes."""

from __future__ import annotations

import hashlib
import io
import re
import tokenize

_SPACE = re.compile(r"\s+")
_R_COMMENT = re.compile(r"#[^\n]*")
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}


def exact(text: str) -> bytes:
    """Return a hash of a text as it stands."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def near(cells: list[tuple[str, str]]) -> bytes:
    """Return a hash of code cells that layout and comments do not change; text cells do not count.

    Args:
        cells: The language and the text of each code cell.
    """
    return exact("\0".join(_plain(language, text) for language, text in cells))


def _plain(language: str, text: str) -> str:
    if language == "python":
        try:
            return " ".join(_tokens(text))
        except (tokenize.TokenError, SyntaxError):  # a magic, or half a cell
            return _SPACE.sub(" ", text).strip()
    return _SPACE.sub("", _R_COMMENT.sub("", text))


def _tokens(text: str) -> list[str]:
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _SILENT:
            continue
        if token.type in {tokenize.INDENT, tokenize.DEDENT}:
            found.append("{" if token.type == tokenize.INDENT else "}")
        elif token.type == tokenize.STRING and token.string[-1] == "'" and '"' not in token.string:
            found.append(token.string.replace("'", '"'))
        else:
            found.append(token.string)
    return found
