"""Code as documentation shows it: prompts, printed results and directives, brought back to source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DOCTEST = re.compile(r"^(\s*)>>>( |$)")
_MORE = re.compile(r"^(\s*)\.\.\.( |$)")
_IPYTHON = re.compile(r"^\s*In \[\d+\]: ?(.*)$")
_IPYTHON_MORE = re.compile(r"^\s*\.{3,}:( ?)(.*)$")
_DIRECTIVE = re.compile(r"\s*#\s*doctest:\s*(.*)$")
_MAGIC = re.compile(r"^\s*(?:[%!?]|[\w.]+\?{1,2}\s*$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of prose, or of code. `fails` marks code that ends in an error or must not run.

    `title` and `anchor` name the section of a page that it stands in.
    """

    text: str
    is_code: bool
    fails: bool = False
    title: str = ""
    anchor: str = ""


def has_prompts(text: str) -> bool:
    """Say whether the text shows an interactive session."""
    return any(_DOCTEST.match(line) or _IPYTHON.match(line) for line in text.splitlines())


def pieces(text: str) -> Iterator[Piece]:
    """Split the text of a session, with the prose between, into pieces in order.

    Source: https://docs.python.org/3/library/doctest.html#how-are-docstring-examples-recognized
    """
    prose: list[str] = []
    lines = text.splitlines()
    position = 0
    ipython = any(_IPYTHON.match(line) for line in lines)
    while position < len(lines):
        line = lines[position]
        starts = _IPYTHON.match(line) if ipython else _DOCTEST.match(line)
        if not starts:
            if not ipython:
                prose.append(line)
            position += 1
            continue
        if "".join(prose).strip():
            yield Piece("\n".join(prose).strip("\n"), is_code=False)
        prose = []
        piece, position = (_ipython if ipython else _doctest)(lines, position)
        yield piece
    if "".join(prose).strip():
        yield Piece("\n".join(prose).strip("\n"), is_code=False)


def _doctest(lines: list[str], position: int) -> tuple[Piece, int]:
    match = _DOCTEST.match(lines[position])
    indent = len(match.group(1)) if match else 0
    source = [lines[position][indent + 4 :]]
    position += 1
    while position < len(lines) and _MORE.match(lines[position]):
        source.append(lines[position][indent + 4 :])
        position += 1
    output: list[str] = []
    while position < len(lines) and lines[position].strip() and not _DOCTEST.match(lines[position]):
        output.append(lines[position])
        position += 1
    code, directives = _without_directives("\n".join(source).rstrip())
    return Piece(code, is_code=True, fails=_fails(directives, output)), position


def _ipython(lines: list[str], position: int) -> tuple[Piece, int]:
    match = _IPYTHON.match(lines[position])
    source = [match.group(1) if match else ""]
    position += 1
    while position < len(lines) and (more := _IPYTHON_MORE.match(lines[position])):
        source.append(more.group(2))
        position += 1
    output: list[str] = []
    while position < len(lines) and not _IPYTHON.match(lines[position]):
        output.append(lines[position])
        position += 1
    code = "\n".join(line for line in source if not _MAGIC.match(line)).rstrip()
    return Piece(code, is_code=True, fails=_fails("", output)), position


def _without_directives(code: str) -> tuple[str, str]:
    directives = " ".join(_DIRECTIVE.findall(code))
    kept = [_DIRECTIVE.sub("", line) for line in code.split("\n")]
    return "\n".join(kept), directives


def _fails(directives: str, output: list[str]) -> bool:
    if "+SKIP" in directives:
        return True
    return any("Traceback (most recent call last)" in line for line in output) or bool(
        output and re.match(r"^\s*(?:[A-Za-z_.]*(?:Error|Exception))\b", output[-1])
    )


def plain_source(text: str) -> str:
    """Return the code of a listing or a notebook cell without its magic and shell lines.

    A cell magic changes what the whole cell means, so nothing of such a cell is kept.
    """
    if text.lstrip().startswith("%%"):
        return ""
    return "\n".join(line for line in text.splitlines() if not _MAGIC.match(line)).strip("\n")
