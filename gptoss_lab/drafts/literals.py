"""Where the strings and comments of a source text are, without parsing it.

Half-written code must be read too, so a grammar is of no use here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from gptoss_lab.schemas.base import Language

SpanKind = Literal["code", "string", "comment"]

_PYTHON = re.compile(
    r'''
    (?P<comment>\#[^\n]*)
    | (?P<string>
        """(?:[^\\]|\\.)*?"""
      | \'\'\'(?:[^\\]|\\.)*?\'\'\'
      | (?P<open>"""(?:[^\\]|\\.)*\\?\Z | \'\'\'(?:[^\\]|\\.)*\\?\Z)
      | "(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)
      | '(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)
    )
    ''',
    re.VERBOSE | re.DOTALL,
)
_R = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | (?P<string>
        [rR](?P<quote>["'])(?P<dash>-*)\(.*?\)(?P=dash)(?P=quote)
      | "(?:[^"\\]|\\.)*(?:"|\Z)
      | '(?:[^'\\]|\\.)*(?:'|\Z)
      | `[^`]*(?:`|\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)


class Span(NamedTuple):
    """A stretch of source text of one kind."""

    kind: SpanKind
    text: str


def spans(source: str, language: Language) -> Iterator[Span]:
    """Cut a source text into code, strings and comments; joined again they are the text."""
    end = 0
    for match in (_PYTHON if language == "python" else _R).finditer(source):
        if match.start() > end:
            yield Span("code", source[end : match.start()])
        yield Span("comment" if match["comment"] is not None else "string", match[0])
        end = match.end()
    if end < len(source):
        yield Span("code", source[end:])


def ends_in_string(source: str) -> bool:
    """Tell whether Python source stops inside a triple-quoted string."""
    last = None
    for match in _PYTHON.finditer(source):
        last = match
    return last is not None and last["open"] is not None
