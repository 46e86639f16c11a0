"""Cut a paper into parts that a model can read at once, and say which of them matter for a scope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gptoss_lab.prompts.budget import Counter
from gptoss_lab.prompts.paper import Entry
from gptoss_lab.schemas.papers import Candidate, Paper, PaperBlock

MAX_PARTS = 40
PART_TOKENS = 6000
_BLOCK_TOKENS = 40
_MAX_BLOCK_CHARS = 12_000
_LEFT_OUT = frozenset({"reference"})
_SKIPPED = re.compile(
    r"related work|acknowledge?ment|references|bibliography|funding|conflict of interest|author contribution"
    r"|broader impact|danksagung|literatur",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"data|set-?up|setting|implementation|hyper-?parameter|training|notation|preliminar|definition|configuration",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that follow each other."""

    blocks: tuple[PaperBlock, ...]

    def entries(self) -> list[Entry]:
        """Return them as a prompt has them, with the labels that an answer names them by."""
        return [
            Entry(f"b{number}", title_of(block), shown(block))
            for number, block in enumerate(self.blocks, start=1)
        ]

    def labels(self) -> dict[str, str]:
        """Return the id of each block by its label."""
        return {f"b{number}": block.id for number, block in enumerate(self.blocks, start=1)}

    def halves(self) -> list[Part]:
        """Return two parts of half the size; itself where it is a single block."""
        middle = len(self.blocks) // 2
        return [Part(self.blocks[:middle]), Part(self.blocks[middle:])] if middle else [self]


def parts_of(paper: Paper, room: int, counter: Counter) -> list[Part]:
    """Return the parts of a paper: sections, small ones together; a paragraph is never cut but by a bound."""
    room = min(PART_TOKENS, room)
    parts: list[Part] = []
    held: list[PaperBlock] = []
    used = 0
    for block in _readable(paper):
        cost = counter.text(shown(block), "prose") + _BLOCK_TOKENS
        begins = bool(held) and held[-1].place.section[:1] != block.place.section[:1]
        if held and (used + cost > room or (begins and used > room // 2)):
            parts.append(Part(tuple(held)))
            held, used = [], 0
        held.append(block)
        used += cost
    return [*parts, Part(tuple(held))] if held else parts


def relevant(parts: Sequence[Part], scope: Sequence[Candidate]) -> list[Part]:
    """Return the parts that a scope needs: those that hold it, name it, or tell of data and settings."""
    if not scope:
        return list(parts)
    blocks = {block for candidate in scope for block in candidate.blocks}
    sections = {candidate.place.section for candidate in scope if candidate.place.section}
    labels = {
        block.label
        for part in parts
        for block in part.blocks
        if block.id in blocks and block.kind in {"algorithm", "table", "equation"} and block.label
    }
    return [part for part in parts if any(_matters(block, blocks, sections, labels) for block in part.blocks)]


def title_of(block: PaperBlock) -> str:
    """Return what a block is and where it stands, in one line."""
    page = f"p. {block.place.page}" if block.place.page else ""
    where = " > ".join(block.place.section)
    return ", ".join(filter(None, (f"{block.kind} {block.label}".strip(), page, where)))


def shown(block: PaperBlock) -> str:
    """Return a block as a model reads it: mathematics in its source, tables as rows."""
    text = block.latex or block.text
    if block.kind == "table" and block.rows:
        text = "\n".join(" | ".join(row) for row in block.rows)
    if block.caption:
        text = f"{block.caption}\n{text}"
    symbols = "; ".join(f"{one.symbol}: {one.meaning}" for one in block.symbols)
    return (f"{text}\n(where {symbols})" if symbols else text)[:_MAX_BLOCK_CHARS]


def _readable(paper: Paper) -> Iterator[PaperBlock]:
    for block in paper.blocks:
        skipped = any(_SKIPPED.search(title) for title in block.place.section)
        if block.kind not in _LEFT_OUT and not skipped and (block.text.strip() or block.latex or block.rows):
            yield block


def _matters(block: PaperBlock, blocks: set[str], sections: set[tuple[str, ...]], labels: set[str]) -> bool:
    if block.id in blocks or block.place.section in sections:
        return True
    if any(_ALWAYS.search(title) for title in block.place.section):
        return True
    return any(re.search(rf"(?<!\w){re.escape(label)}(?!\w)", block.text) for label in labels)
