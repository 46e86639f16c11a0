"""The words of R code, for search."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"(?P<literal>#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|(?P<name>`[^`\n]+`|[^\W\d_][\w.]*|\.[A-Za-z][\w.]*)"
)


def r_words(code: str) -> tuple[list[str], list[str]]:
    """Return the identifiers of R code, and the words of its strings and comments."""
    identifiers: list[str] = []
    literals: list[str] = []
    for match in _TOKEN.finditer(code):
        (literals if match["literal"] else identifiers).append(match.group().strip("`"))
    return identifiers, literals
