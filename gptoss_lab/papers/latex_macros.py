"""The macros that an author defined, expanded; within bounds, so that none can blow a paper up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NAME = re.compile(r"\\([A-Za-z@]+)\*?")
_NEW = re.compile(
    r"\\(?:re)?(?:new|provide|Declare[A-Za-z]*)(?:command|RobustCommand)\*?\s*\{?\s*\\([A-Za-z@]+)\s*\}?\s*"
    r"(?:\[(\d)\])?\s*(?:\[([^\]]*)\])?\s*(?=\{)"
)
_RENEW = re.compile(
    r"\\renewcommand\*?\s*\{?\s*\\([A-Za-z@]+)\s*\}?\s*(?:\[(\d)\])?\s*(?:\[([^\]]*)\])?\s*(?=\{)"
)
_DEF = re.compile(r"\\(?:g|e|x)?def\s*\\([A-Za-z@]+)\s*((?:#\d)*)\s*(?=\{)")
_OPERATOR = re.compile(r"\\DeclareMathOperator(\*?)\s*\{?\s*\\([A-Za-z@]+)\s*\}?\s*(?=\{)")
_LET = re.compile(r"\\let\s*\\([A-Za-z@]+)\s*=?\s*\\([A-Za-z@]+)")
_ENVIRONMENT = re.compile(
    r"\\(?:re)?newenvironment\*?\s*\{\s*([A-Za-z@*]+)\s*\}\s*(?:\[\d\])?\s*(?:\[[^\]]*\])?\s*(?=\{)"
)
_KEPT_NAMES = """
begin end item input include section subsection subsubsection paragraph chapter title author caption label
ref eqref cite citep citet footnote bibitem maketitle documentclass usepackage newcommand renewcommand def
let left right frac sqrt text mathrm hline multicolumn multirow includegraphics abstract Abstract thanks
"""
_KEPT = frozenset(_KEPT_NAMES.split())
_WORD_END = re.compile(r"\\[A-Za-z]+$")
_BLANKS = re.compile(r"\s*(?=\{)")
_MAX_MACROS = 2000
_MAX_BODY = 4000
_MAX_NESTED = 24
_MAX_STEPS = 300_000
_GROWTH = 12
_GROUND = 1 << 20


@dataclass(frozen=True, slots=True)
class Macro:
    """What a name stands for; `default` is that of its first argument, where it has one."""

    body: str
    count: int = 0
    default: str | None = None


def group(text: str, at: int) -> int:
    """Return the place after the group that opens with a brace at a place; -1 where it does not end."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return -1


def take_macros(text: str, macros: dict[str, Macro]) -> str:
    """Return a text without the definitions in it, which go into `macros`."""
    out: list[str] = []
    at = 0
    while (found := _next_definition(text, at)) is not None:
        start, end, name, macro = found
        out.append(text[at:start])
        if name and name not in _KEPT and len(macro.body) <= _MAX_BODY and len(macros) < _MAX_MACROS:
            macros[name] = macro
        at = end
    out.append(text[at:])
    return "".join(out)


def _next_definition(text: str, at: int) -> tuple[int, int, str, Macro] | None:
    hits = [
        (match.start(), kind, match) for kind, pattern in _PATTERNS if (match := pattern.search(text, at))
    ]
    if not hits:
        return None
    start, kind, match = min(hits, key=lambda hit: (hit[0], hit[1]))
    if kind == "let":
        return start, match.end(), match[1], Macro(f"\\{match[2]} ")
    end = group(text, match.end())
    if end < 0:
        return start, match.end(), "", Macro("")
    body = text[match.end() + 1 : end - 1]
    if kind == "environment":
        after = _BLANKS.match(text, end)
        last = group(text, after.end()) if after else -1
        return start, last if last > 0 else end, "", Macro("")
    return start, end, *_defined(kind, match, body)


def _defined(kind: str, match: re.Match[str], body: str) -> tuple[str, Macro]:
    if kind == "operator":
        return match[2], Macro(f"\\operatorname{match[1]}{{{body}}}")
    if kind == "def":
        return match[1], Macro(body, match[2].count("#"))
    return match[1], Macro(body, int(match[2] or 0), match[3])


_PATTERNS = (
    ("new", _NEW),
    ("renew", _RENEW),
    ("def", _DEF),
    ("operator", _OPERATOR),
    ("let", _LET),
    ("environment", _ENVIRONMENT),
)


def expanded(text: str, macros: dict[str, Macro]) -> tuple[str, bool]:
    """Return a text with what its macros stand for, and whether all of them could be expanded.

    Macros that stand for themselves are left as they are; where a bound is reached, all are.
    """
    finite = {name: macro for name, macro in macros.items() if not _reaches(name, macros)}
    expander = _Expander(finite, len(text))
    found = expander.expand(text)
    return (text, False) if expander.stopped else (found, len(finite) == len(macros))


def _reaches(name: str, macros: dict[str, Macro]) -> bool:
    """Say whether what a macro stands for names it again, itself or through others."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        macro = macros.get(waiting.pop())
        for inner in _NAME.findall(macro.body) if macro is not None else ():
            if inner == name:
                return True
            if inner not in seen:
                seen.add(inner)
                waiting.append(inner)
    return False


class _Expander:
    """Expands macros. `stopped` says that a bound was reached."""

    def __init__(self, macros: dict[str, Macro], size: int) -> None:
        self.stopped = False
        self._macros = macros
        self._steps = _MAX_STEPS
        self._room = size * _GROWTH + _GROUND

    def expand(self, text: str, depth: int = 0) -> str:
        """Return a text with what its macros stand for."""
        out: list[str] = []
        at = 0
        while (match := _NAME.search(text, at)) is not None:
            macro = self._macros.get(match[1])
            if macro is None or self._full(depth):
                out.append(text[at : match.end()])
                at = match.end()
                continue
            out.append(text[at : match.start()])
            values, at = _arguments(text, match.end(), macro)
            body = _filled(macro.body, values)
            self._room -= len(body)
            out.append(self.expand(body, depth + 1))
            if text[at : at + 1].isalpha() and _WORD_END.search(body):
                out.append(" ")
        out.append(text[at:])
        return "".join(out)

    def _full(self, depth: int) -> bool:
        self._steps -= 1
        if depth >= _MAX_NESTED or self._steps < 0 or self._room < 0:
            self.stopped = True
            return True
        return False


def _arguments(text: str, at: int, macro: Macro) -> tuple[list[str], int]:
    values: list[str] = []
    wanted = macro.count
    if macro.default is not None and wanted:
        wanted -= 1
        values.append(macro.default)
        start = _skip(text, at)
        close = text.find("]", start)
        if text[start : start + 1] == "[" and close > 0:
            values[0], at = text[start + 1 : close], close + 1
    for _ in range(wanted):
        start = _skip(text, at)
        end = group(text, start) if text[start : start + 1] == "{" else -1
        if end > 0:
            values.append(text[start + 1 : end - 1])
        else:
            name = _NAME.match(text, start)
            end = name.end() if name else min(start + 1, len(text))
            values.append(text[start:end])
        at = end
    return values, at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n":
        at += 1
    return at


def _filled(body: str, values: Sequence[str]) -> str:
    def value(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        return values[at] if 0 <= at < len(values) else ""

    body = body.replace("\\xspace", "")
    return re.sub(r"#(\d)", value, body) if "#" in body else body
