"""What every parser produces: a page of blocks in reading order, and the records of an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gptoss_lab.schemas.base import Language

BlockKind = Literal["heading", "prose", "code", "table"]
SymbolKind = Literal["module", "class", "function", "method", "attribute"]
ChunkKind = Literal["symbol", "narrative"]

CHARS_PER_TOKEN = 3.5
# Ids of narrative chunks begin here: a search for one kind need not look at the other.
FIRST_NARRATIVE = 1 << 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its source. `page` counts from 1 (PDF).

    `span` are the first and the last block of the page that it is made of, from 1; None for an API object,
    which its anchor tells exactly.
    """

    source: str
    title: str = ""
    anchor: str = ""
    page: int | None = None
    link: str = ""
    symbol: str = ""
    version: str = ""
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page. `level` is that of a heading; `language` that of code, empty when unmarked."""

    kind: BlockKind
    text: str
    level: int = 0
    language: str = ""
    anchor: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Symbol:
    """A documented API object. `aliases` are other public names of the same object.

    `worth` is below 1 for what a package defines but does not show at its front.
    """

    qualname: str
    kind: SymbolKind
    signature: str = ""
    summary: str = ""
    body: str = ""
    examples: str = ""
    aliases: tuple[str, ...] = ()
    anchor: str = ""
    worth: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed file, page or notebook."""

    title: str
    blocks: Sequence[Block] = ()
    symbols: Sequence[Symbol] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of documentation as it is retrieved."""

    kind: ChunkKind
    title: str
    text: str
    place: Place
    symbols: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """The estimated number of model tokens."""
        return estimate_tokens(self.text)


@dataclass(frozen=True, slots=True)
class Unit:
    """A runnable example: self-contained code and what it is about.

    `context` is the summary of the documented object; `worth` ranks equal matches.
    """

    title: str
    summary: str
    code: str
    imports: tuple[str, ...]
    symbols: tuple[str, ...]
    place: Place
    context: str = ""
    worth: float = 1.0
    language: Language = "python"


@dataclass(slots=True)
class Records:
    """What an index is filled with."""

    symbols: list[Symbol] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, other: Records) -> None:
        """Take in the records of another page."""
        self.symbols += other.symbols
        self.chunks += other.chunks
        self.units += other.units
        self.warnings += other.warnings


def estimate_tokens(text: str) -> int:
    """Estimate the number of model tokens of a text, on the high side for code."""
    return int(len(text) / CHARS_PER_TOKEN) + 1
