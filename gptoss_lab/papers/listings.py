"""The code that a paper prints, command by command, with what is printed below each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gptoss_lab.papers.listings_prompts import Command, LineKind, SourceLine, commands, language_of
from gptoss_lab.papers.listings_r import r_goes_on
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Paper, PaperBlock, Place

MAX_LISTINGS = 2000
MAX_LINES = 20_000
_SESSION = frozenset({"code", "output"})
_ASIDE = frozenset({"footnote", "caption"})
_PROMPT = re.compile(r"^\s{0,8}(?:R ?>|>|>>>|In ?\[ ?\d* ?\]:)(?: |$)")


@dataclass(frozen=True, slots=True)
class Listing:
    """One command of a paper.

    Attributes:
        id: Counts the commands in the order of reading.
        source: Without prompts; empty for output whose command is not printed.
        printed: The lines of its output, as they stand in the paper.
        stream: Counts the stretches of code between which there is prose.
        prompted: It stood behind a prompt.
        named: It does not stand in a listing; the text names it.
    """

    id: str
    source: str
    language: Language
    printed: tuple[SourceLine, ...]
    block: str
    place: Place
    stream: int
    prompted: bool = False
    named: bool = False


def listings_of(paper: Paper, fallback: Language) -> tuple[Listing, ...]:
    """Return the commands of a paper in order.

    Args:
        paper: As it was read.
        fallback: The language of code that does not tell.
    """
    streams = list(_streams(paper))
    whole = [line for stream in streams for line in stream]
    language = language_of(whole, fallback)
    found: list[Listing] = []
    for number, lines in enumerate(streams):
        for command in commands(lines, language, plain=paper.form == "pdf"):
            found.append(_listing(len(found) + 1, command, number))
    return tuple(found[:MAX_LISTINGS])


def _streams(paper: Paper) -> Iterator[list[SourceLine]]:
    """Yield the lines of blocks of code with no prose between.

    A command that a page cuts goes on below whatever the page put between.
    """
    lines: list[SourceLine] = []
    count = 0
    for block in paper.blocks:
        if block.kind in _SESSION:
            if lines and lines[-1].block == "" and not _continues(lines, block):
                yield lines[:-1]
                lines = []
            lines = [line for line in lines if line.block]
            own = list(_lines(block))[: max(MAX_LINES - count, 0)]
            count += len(own)
            lines += own
        elif lines and block.kind not in _ASIDE and lines[-1].block:
            lines.append(SourceLine("", "", block.place))  # marks that something stands between
    if lines := [line for line in lines if line.block]:
        yield lines


def _continues(lines: Sequence[SourceLine], block: PaperBlock) -> bool:
    """Say whether a block goes on with the last command before it, which is not complete."""
    first = next((line for line in block.text.splitlines() if line.strip()), "")
    if block.kind != "code" or _PROMPT.match(first):
        return False
    kept = [line.text for line in lines if line.block]
    starts = [number for number, text in enumerate(kept) if _PROMPT.match(text)]
    if not starts:
        return False
    return r_goes_on("\n".join(_PROMPT.sub("", text, count=1) for text in kept[starts[-1] :]))


def _lines(block: PaperBlock) -> Iterator[SourceLine]:
    kind: LineKind = "output" if block.kind == "output" else "code"
    for text in block.text.splitlines():
        yield SourceLine(text.rstrip(), block.id, block.place, kind, block.language)


def _listing(number: int, command: Command, stream: int) -> Listing:
    first = (command.places or command.printed)[0]
    return Listing(
        id=f"l{number}",
        source=command.source,
        language=command.language,
        printed=tuple(command.printed),
        block=first.block,
        place=first.place,
        stream=stream,
        prompted=command.prompted,
    )
