"""What becomes of the cells of an answer: events of a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from gptoss_lab.drafts.cells import CellIds, Closed, FenceEvent, Grown, Opened
from gptoss_lab.drafts.citations import take_marks
from gptoss_lab.drafts.fences import Reading
from gptoss_lab.drafts.harmless import LineByLine, harmless
from gptoss_lab.drafts.source import tidy
from gptoss_lab.drafts.syntax import parses
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Warn
from gptoss_lab.schemas.generation import CellKind


class WrittenCells(Protocol):
    """Turns what is read of an answer into events.

    Attributes:
        reading: How the fences of the answer are read.
        language: The language of its code.
        complete: Whether the answer came to its own end; set before its last cell closes.
        kept: The cells that stay, and their kinds.
        unknown: What the answer cites and was not given.
    """

    reading: Reading
    language: Language
    complete: bool
    kept: dict[str, CellKind]
    unknown: dict[str, None]

    def take(self, event: FenceEvent) -> list[Event]:
        """Return what a piece of the answer means."""

    def finish(self) -> list[Event]:
        """Return what is known only when the answer has ended."""

    def warnings(self) -> list[Warn]:
        """Return what the person should know of these cells."""


class Cited:
    """The text of a cell, put right, and what it cites.

    Args:
        language: The language of code.
        citations: What a cell may cite, by the label that the prompt gave it.
    """

    def __init__(self, language: Language, citations: Mapping[str, Citation]) -> None:
        self.language: Language = language
        self.unknown: dict[str, None] = {}
        self._citations = citations

    def read(self, kind: CellKind, text: str, own: Collection[str] = ()) -> tuple[str, tuple[Citation, ...]]:
        """Return the text without its marks, and the passages that they name.

        Args:
            kind: Text cells are kept from loading anything.
            text: The whole cell.
            own: Lines that the person's cell held before.
        """
        is_code = kind == "code"
        source = tidy(text, self.language) if is_code else harmless(text, own)
        source, marks = take_marks(source, self.language if is_code else None)
        self.unknown.update(dict.fromkeys(mark for mark in marks if mark not in self._citations))
        sources = tuple(self._citations[mark] for mark in marks if mark in self._citations)
        return source, sources if source else ()


class NewCells:
    """Each block of code is a new cell, and so is the prose between.

    Args:
        language: The language of the code.
        citations: What a cell may cite.
        ids: Gives the cells their names.
        reading: `prose` makes one Markdown cell of the whole answer.
    """

    def __init__(
        self,
        language: Language,
        citations: Mapping[str, Citation],
        ids: CellIds | None = None,
        reading: Reading = "cells",
    ) -> None:
        self.language: Language = language
        self.reading: Reading = reading
        self.complete = False
        self.kept: dict[str, CellKind] = {}
        self._cited = Cited(language, citations)
        self.unknown = self._cited.unknown
        self._ids = ids or CellIds()
        self._cell = ""
        self._kind: CellKind = "code"
        self._lines = LineByLine()

    def take(self, event: FenceEvent) -> list[Event]:
        """Return what a piece of the answer means."""
        if isinstance(event, Grown):
            text = event.text if self._kind == "code" else self._lines.feed(event.text)
            return [CellDelta(cell=self._cell, text=text)] if text else []
        if isinstance(event, Opened):
            self._kind = event.kind
            self._cell = self._ids.new()
            index = len(self.kept)
            return [CellOpen(cell=self._cell, index=index, kind=event.kind, language=event.language)]
        rest = self._lines.finish()
        told: list[Event] = [CellDelta(cell=self._cell, text=rest)] if rest else []
        return [*told, self._close(event)]

    def finish(self) -> list[Event]:
        """Return nothing: every cell is known when it closes."""
        return []

    def warnings(self) -> list[Warn]:
        """Return nothing: what is new needs no explanation."""
        return []

    def _close(self, cell: Closed) -> CellClose:
        source, sources = self._cited.read(cell.kind, cell.source)
        if cell.kind == "code" and not cell.whole and not self.complete and not self._stands(source):
            source, sources = "", ()
        if source:
            self.kept[self._cell] = cell.kind
        return CellClose(cell=self._cell, source=source, sources=sources)

    def _stands(self, source: str) -> bool:
        # Nothing here can read R: a cut cell of it is not trusted.
        return self.language == "python" and parses(source)
