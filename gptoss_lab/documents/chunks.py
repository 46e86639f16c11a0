"""Chunks: one API object each, and narrative text by heading. Code is never split."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gptoss_lab.documents.blocks import Block, Chunk, Place, Symbol, estimate_tokens

MAX_SYMBOL_TOKENS = 600
MIN_NARRATIVE_TOKENS = 200
MAX_NARRATIVE_TOKENS = 800
_MAX_CHUNK_CHARS = 24_000
_MAX_DETAILS = 6


def symbol_chunks(symbol: Symbol, place: Place) -> list[Chunk]:
    """Return the chunk of an API object: signature, summary, parameters and first example.

    What is over the limit goes into further chunks, titled "details". An object of which nothing
    is said has none.
    """
    body = symbol.body or symbol.summary
    if not body and not symbol.examples and symbol.kind in {"attribute", "module"}:
        return []
    language = "r" if "::" in symbol.qualname else "python"
    head = f"{_fenced(symbol.signature, language)}\n\n" if symbol.signature else ""
    example = first_example(symbol.examples)
    tail = f"\n\nExample:\n{_fenced(example, language)}" if example else ""
    names = (symbol.qualname, *symbol.aliases)
    room = MAX_SYMBOL_TOKENS - estimate_tokens(head + tail)
    if estimate_tokens(body) <= room:
        return [Chunk("symbol", symbol.qualname, (head + body + tail).strip(), place, names)]
    first, rest = _cut(body, max(room, MAX_SYMBOL_TOKENS // 3))
    found = [Chunk("symbol", symbol.qualname, (head + first + tail).strip(), place, names)]
    while rest and len(found) <= _MAX_DETAILS:
        part, rest = _cut(rest, MAX_SYMBOL_TOKENS)
        found.append(Chunk("symbol", f"{symbol.qualname} (details)", part, place, (symbol.qualname,)))
    return found


def first_example(text: str) -> str:
    """Return the first stretch of the examples, up to the second blank line after a prompt."""
    lines: list[str] = []
    prompted = False
    for line in text.strip("\n").splitlines():
        prompted = prompted or line.lstrip().startswith(">>>")
        if prompted and not line.strip() and len(lines) > 6:  # noqa: PLR2004 - a few lines say what it is about
            break
        lines.append(line)
        if estimate_tokens("\n".join(lines)) > MAX_SYMBOL_TOKENS // 2:
            break
    return "\n".join(lines).strip("\n")


def _fenced(code: str, language: str) -> str:
    return f"```{language}\n{code}\n```" if code else ""


def _cut(text: str, tokens: int) -> tuple[str, str]:
    """Cut at the last line end before the limit."""
    kept: list[str] = []
    size = 0
    lines = text.split("\n")
    for position, line in enumerate(lines):
        size += estimate_tokens(line)
        if size > tokens and kept:
            return "\n".join(kept), "\n".join(lines[position:]).strip("\n")
        kept.append(line)
    return text, ""


@dataclass(slots=True)
class _Section:
    path: tuple[str, ...]
    anchor: str
    page: int | None
    parts: list[str]
    first: int = 0
    last: int = 0
    size: int = 0


def narrative_chunks(blocks: Sequence[Block], place: Place) -> list[Chunk]:
    """Return the text of a page in chunks of 200 to 800 tokens that follow its headings."""
    merged: list[_Section] = []
    for section in _sections(blocks, place.title):
        last = merged[-1] if merged else None
        fits = last is not None and last.size + section.size <= MAX_NARRATIVE_TOKENS
        if (
            last is not None
            and fits
            and min(last.size, section.size) < MIN_NARRATIVE_TOKENS
            and _kin(last, section)
        ):
            last.parts += (
                [f"## {section.path[-1]}", *section.parts] if section.path != last.path else section.parts
            )
            last.size += section.size
            last.last = section.last
        else:
            merged.append(section)
    found: list[Chunk] = []
    for section in merged:
        title = " › ".join(section.path) or place.title  # noqa: RUF001 - the sign between headings
        span = (section.first, section.last)
        spot = replace(place, title=title, anchor=section.anchor, page=section.page, span=span)
        text = "\n\n".join(section.parts)[:_MAX_CHUNK_CHARS]
        if text.strip():
            found.append(Chunk("narrative", title, text, spot))
    return found


def _kin(one: _Section, two: _Section) -> bool:
    return one.page == two.page or one.size < MIN_NARRATIVE_TOKENS


def _sections(blocks: Sequence[Block], title: str) -> Iterator[_Section]:
    path: list[tuple[int, str]] = []
    section = _Section((title,) if title else (), "", None, [])
    for number, block in enumerate(blocks, start=1):
        if block.kind == "heading":
            if section.parts:
                yield section
            path = [(level, text) for level, text in path if level < block.level] + [
                (block.level, block.text)
            ]
            section = _Section(tuple(text for _, text in path), block.anchor, block.page, [])
            continue
        for text in _pieces(block):
            size = estimate_tokens(text)
            if section.parts and section.size + size > MAX_NARRATIVE_TOKENS:
                yield section
                section = _Section(section.path, section.anchor, block.page, [])
            section.page = section.page or block.page
            section.parts.append(text)
            section.first, section.last = section.first or number, number
            section.size += size
    if section.parts:
        yield section


def _pieces(block: Block) -> Iterator[str]:
    if block.kind == "code":
        yield fence(block.text, block.language)
    elif block.kind == "table" or estimate_tokens(block.text) <= MAX_NARRATIVE_TOKENS:
        yield block.text
    else:
        yield from _sentences(block.text)


def _sentences(text: str) -> Iterator[str]:
    """Split prose that is too long for one chunk between sentences, else anywhere."""
    kept = ""
    for sentence in re.split(r"(?<=[.!?])\s+|\n", text):
        while estimate_tokens(sentence) > MAX_NARRATIVE_TOKENS:
            head, sentence = sentence[:2000], sentence[2000:]  # noqa: PLW2901 - what is left of it
            yield head
        if kept and estimate_tokens(kept + sentence) > MAX_NARRATIVE_TOKENS:
            yield kept
            kept = ""
        kept = f"{kept} {sentence}".strip()
    if kept:
        yield kept


def fence(code: str, language: str) -> str:
    """Return code in a Markdown fence that is longer than any in the code."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{code}\n{ticks}"
