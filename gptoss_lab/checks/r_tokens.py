"""The tokens of R code, as far as the policy needs them: names, strings and brackets with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "string", "mark"]
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | [rR](?P<quote>["'])(?P<dashes>-*)(?P<open>[(\[{])(?P<raw>.*?)[)\]}](?P=dashes)(?P=quote)
    | "(?P<double>(?:\\.|[^"\\])*)"
    | '(?P<single>(?:\\.|[^'\\])*)'
    | `(?P<tick>(?:\\.|[^`\\])*)`
    | (?P<name>(?:[^\W\d_]|\.(?!\d))[\w.]*)
    | (?P<space>\s+)
    | (?P<mark>:::?|\d[\w.]*|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; a string is without its quotes."""

    kind: Kind
    text: str
    line: int


def r_tokens(source: str) -> Iterator[Token]:
    """Yield the tokens of R code; what is no R yields what looks like it."""
    line = 1
    for match in _TOKEN.finditer(source):
        kept = _kept(match)
        if kept is not None:
            yield Token(*kept, line)
        line += match.group().count("\n")


def _kept(match: re.Match[str]) -> tuple[Kind, str] | None:
    group = match.lastgroup or ""
    if group in {"comment", "space"}:
        return None
    if match["quote"] is not None:
        return "string", match["raw"]
    if group in {"double", "single"}:
        return "string", match[group]
    return ("name", match[group]) if group in {"name", "tick"} else ("mark", match.group())
