"""R code cut into tokens and top-level statements, as far as that can be told without R."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

Kind = Literal["name", "string", "number", "operator"]
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | (?P<string>[rR](?P<quote>["'])(?P<dash>-*)\(.*?\)(?P=dash)(?P=quote)
      | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*')
    | (?P<number>(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[Li]?)
    | (?P<name>`[^`\n]+`|(?:[^\W\d_]|\.(?!\d))[\w.]*)
    | (?P<newline>\n)
    | (?P<space>[^\S\n]+)
    | (?P<operator>%[^%\n]*%|<<-|->>|:::|<-|->|<=|>=|==|!=|&&|\|\||\|>|::|:=|[-+*/^<>=!&|~?:$@,;(){}\\\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = {"(": ")", "[": "]", "{": "}"}, frozenset(")]}")
_UNARY = frozenset("-+!~?\\")
_HEADED = frozenset({"if", "for", "while", "function", "\\"})
_WAITS = frozenset({"else", "repeat", "in"})
KEYWORDS = frozenset({*_WAITS, *_HEADED, "next", "break"})


@dataclass(frozen=True, slots=True)
class Token:
    """One token of R code, with where it begins; a name is without backticks."""

    kind: Kind
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement, with the comments above it."""

    source: str
    tokens: tuple[Token, ...]


class NotRError(ValueError):
    """The text is no R code."""


def r_statements(code: str) -> list[Statement]:
    """Return the top-level statements of R code.

    Raises:
        NotRError: It is not R: brackets are open, or operands stand side by side.
    """
    return list(_Reader(code).statements())


class _Reader:
    """Follows brackets, and whether an operand may come next."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._open: list[tuple[str, bool]] = []
        self._tokens: list[Token] = []
        self._ready = True
        self._dangling = False
        self._headed = False

    def statements(self) -> Iterator[Statement]:
        """Yield each statement as soon as it ends.

        Raises:
            NotRError: The text is no R.
        """
        begin = position = end = 0
        while position < len(self._code):
            match = _TOKEN.match(self._code, position)
            if match is None:
                raise NotRError(f"{self._code[position]!r} is no R")
            text, kind = match.group(), match.lastgroup or ""
            if text in {"\n", ";"} and kind != "string":
                if self._ends(text):
                    yield self._statement(begin, end)
                    begin = match.end()
            elif kind not in {"comment", "space"}:
                self._take(Token(cast("Kind", kind), text.strip("`"), position))
                end = match.end()
            position = match.end()
        if self._open or (self._tokens and (self._ready or self._headed)):
            raise NotRError("it ends too early")
        if self._tokens:
            yield self._statement(begin, end)

    def _statement(self, begin: int, end: int) -> Statement:
        made = Statement(self._code[begin:end].strip("\n; "), tuple(self._tokens))
        self._tokens = []
        self._ready = True
        return made

    def _ends(self, mark: str) -> bool:
        inner = self._open[-1][0] if self._open else ""
        waiting = self._ready or self._headed
        if mark == ";" and (inner in {"(", "["} or self._dangling or self._headed):
            raise NotRError("a semicolon stands where none can")
        if waiting or inner in {"(", "["}:
            return False
        self._ready = bool(inner)
        return not inner

    def _take(self, token: Token) -> None:
        if self._headed and token.text != "(":
            raise NotRError("a condition or its like is missing")
        if token.kind == "operator":
            self._operator(token.text)
        else:
            self._operand(token)
        self._tokens.append(token)

    def _operand(self, token: Token) -> None:
        word = token.text if token.kind == "name" else ""
        if not self._ready and word not in {"else", "in"}:
            raise NotRError("two operands stand side by side")
        if self._ready and word in {"else", "in"}:
            raise NotRError(f"{word} stands where it cannot")
        self._headed = word in _HEADED
        self._ready = word in _WAITS
        self._dangling = self._ready

    def _operator(self, text: str) -> None:
        if text in _OPEN:
            self._bracket(text)
        elif text in _CLOSE:
            self._closing(text)
        elif text == ",":
            if not self._open or self._open[-1][0] == "{" or self._dangling:
                raise NotRError("a comma stands where none can")
            self._ready = True
        elif text == "\\":
            self._headed = True
        else:
            if self._ready and text not in _UNARY:
                raise NotRError(f"{text} has nothing on its left")
            self._ready = True
            self._dangling = text != "=" or not self._open or self._open[-1][0] == "{"

    def _bracket(self, text: str) -> None:
        if (text == "[" and self._ready) or (text == "{" and not self._ready):
            raise NotRError(f"{text} stands where it cannot")
        self._open.append((text, self._headed))
        self._headed = self._dangling = False
        self._ready = True

    def _closing(self, text: str) -> None:
        if not self._open or _OPEN[self._open[-1][0]] != text or self._dangling:
            raise NotRError(f"{text} stands where it cannot")
        _, self._ready = self._open.pop()
        self._dangling = self._ready
