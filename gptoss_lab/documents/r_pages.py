"""The R of a page: which of its code is R, and what of a session somebody typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gptoss_lab.documents.blocks import Block
from gptoss_lab.documents.r_statements import NotRError, r_statements
from gptoss_lab.documents.repl import Piece, has_prompts

SHORT_SECTION_LINES = 25
_NAMED = frozenset({"r", "rscript", "splus", "s"})
_PROMPT = re.compile(r"^\s*R?> ?(?!>)")
_MORE = re.compile(r"^\s*\+(?: |$)")
_ASSIGNED = re.compile(r"[\w.)\]]\s*<-\s*[\w.\"'(-]")
_SPAN = re.compile(r"(?:- )?`([^`]+)`")
_ENOUGH = 3
# Longer listings are no examples, and take long to be cut into statements.
_MAX_CHARS = 20_000


def r_pieces(blocks: Sequence[Block], title: str) -> Iterator[Piece]:
    """Yield the prose and the R of a page; the code of a short section stays in one stretch.

    A manual may give a session as a list of lines, each with what it does below it; that is told
    before the lines here, as prose elsewhere is.
    """
    named = names_r(blocks)
    if not named and not _shows_r(blocks):
        return
    section: list[Block] = []
    heading = Block("heading", title)
    for block in (*blocks, Block("heading", "")):
        if block.kind != "heading":
            section.append(block)
            continue
        if section:
            yield from _section(section, heading, named=named)
        heading, section = block, []


def names_r(blocks: Sequence[Block]) -> bool:
    """Say whether a page says of code that it is R."""
    return any(block.language.lower() in _NAMED for block in blocks)


def _shows_r(blocks: Sequence[Block]) -> bool:
    """Say whether unmarked code of a page is R, as its signs of R are more than those of Python."""
    code = [block.text for block in blocks if block.kind == "code" and not block.language]
    signs = sum(bool(_ASSIGNED.search(text)) and not has_prompts(text) for text in code)
    return signs >= _ENOUGH and signs > sum(map(has_prompts, code))


def _section(section: Sequence[Block], heading: Block, *, named: bool) -> Iterator[Piece]:
    found = [(block, _code(block, named=named)) for block in section]
    listed = not named and sum(bool(_ASSIGNED.search(_line(block))) for block in section) >= _ENOUGH
    if listed:
        found = [(block, code or _line(block)) for block, code in found]
    lines = sum(code.count("\n") + 1 for _, code in found if code)
    short = lines <= SHORT_SECTION_LINES and not listed
    first = next((block.text for block, code in found if block.kind == "prose" and not code), "")
    where = Piece("", is_code=False, title=heading.text, anchor=heading.anchor)
    yield replace(where, text=first)
    if listed:
        yield from _told_after(found, where)
        return
    for block, code in found:
        if code:
            yield Piece(code, is_code=True)
        elif block.kind == "prose" and not short:
            yield replace(where, text=block.text)


def _told_after(found: Sequence[tuple[Block, str]], where: Piece) -> Iterator[Piece]:
    lines: list[str] = []
    for block, code in found:
        if code:
            lines.append(code)
        elif block.kind == "prose" and lines:
            yield replace(where, text=block.text)
            yield Piece("\n".join(lines), is_code=True)
            lines = []
    if lines:
        yield where
        yield Piece("\n".join(lines), is_code=True)


def _line(block: Block) -> str:
    match = _SPAN.fullmatch(block.text.strip()) if block.kind == "prose" else None
    return match[1] if match else ""


def _code(block: Block, *, named: bool) -> str:
    if block.kind != "code" or len(block.text) > _MAX_CHARS:
        return ""
    language = block.language.lower()
    if language in _NAMED or (not language and not named):
        source = typed(block.text)
        return source if source and (language or _is_r(source)) else ""
    return ""


def _is_r(source: str) -> bool:
    if any(line.rstrip().endswith(";") for line in source.splitlines()):
        return False  # C, whose calls may look like R
    try:
        return bool(r_statements(source))
    except NotRError:
        return False


def typed(text: str) -> str:
    """Return what was typed of a session, without what R said; code without prompts stays as it is.

    What R answered with an error is left out too.
    """
    lines = text.splitlines()
    if not any(_PROMPT.match(line) for line in lines):
        return "\n".join(line for line in lines if not line.lstrip().startswith("#>")).strip("\n")
    entries: list[list[str]] = []
    said = False
    for line in lines:
        if match := _PROMPT.match(line):
            entries.append([line[match.end() :]])
            said = False
        elif entries and not said and (match := _MORE.match(line)):
            entries[-1].append(line[match.end() :])
        else:
            said = True
            if entries and line.lstrip().startswith("Error"):
                entries.pop()
    return "\n".join("\n".join(entry) for entry in entries).strip("\n")
