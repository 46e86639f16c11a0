"""A paper while it is read: blocks and sections in the order of reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gptoss_lab.schemas.papers import BlockKind, PaperBlock, PaperSection, Place

_MAX_TITLE = 300


@dataclass(slots=True)
class Draft:
    """What a reader has found so far."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    pages: int = 0
    sections: list[PaperSection] = field(default_factory=list)
    blocks: list[PaperBlock] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)

    def heading(self, title: str, level: int, *, page: int | None = None, anchor: str = "") -> None:
        """Open a section; it ends those of its level and below."""
        title = " ".join(title.split())[:_MAX_TITLE]
        if not title:
            return
        del self._path[level - 1 :]
        self._path += [""] * (level - 1 - len(self._path))
        self.sections.append(
            PaperSection(title=title, level=level, place=self.place(page=page, anchor=anchor))
        )
        self._path.append(title)

    def place(self, *, page: int | None = None, anchor: str = "") -> Place:
        """Return the place where the next block stands."""
        return Place(page=page, section=tuple(title for title in self._path if title), anchor=anchor)

    def add(
        self, kind: BlockKind, text: str, *, page: int | None = None, anchor: str = "", **fields: object
    ) -> None:
        """Add a block unless it says nothing."""
        if not text.strip() and not fields.get("latex"):
            return
        block = {
            "id": f"b{len(self.blocks) + 1}",
            "kind": kind,
            "text": text,
            "place": self.place(page=page, anchor=anchor),
            **fields,
        }
        self.blocks.append(PaperBlock.model_validate(block))

    def warn(self, sentence: str) -> None:
        """Note what a person should know, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def grid_text(rows: Sequence[Sequence[str]]) -> str:
    """Return a table as lines of text, its cells in columns."""
    if not rows:
        return ""
    count = max(len(row) for row in rows)
    widths = [max((len(row[at]) for row in rows if at < len(row)), default=0) for at in range(count)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    )


def even(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return rows of one length, without those and the columns that are empty."""
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    count = max((len(row) for row in kept), default=0)
    full = [[*row, *[""] * (count - len(row))] for row in kept]
    columns = [at for at in range(count) if any(row[at].strip() for row in full)]
    return tuple(tuple(row[at] for at in columns) for row in full)
