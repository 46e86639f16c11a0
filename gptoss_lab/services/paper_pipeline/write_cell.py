"""One answer of a model is one cell of code: prose around it is left out, further blocks are added to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gptoss_lab.drafts.cells import Closed, FenceEvent, Grown, Opened
from gptoss_lab.drafts.citations import take_marks
from gptoss_lab.drafts.fences import Reading
from gptoss_lab.drafts.source import tidy
from gptoss_lab.drafts.syntax import parses
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Warn
from gptoss_lab.schemas.generation import CellKind


class OneCell:
    """Turns what is read of an answer into the events of one cell.

    Args:
        opened: Opens it.
        sources: What it cites in any case.
        units: The requirements that it implements.
        citations: What it may cite, by label.
        finished: Changes its text before it closes.
    """

    reading: Reading = "cells"

    def __init__(
        self,
        opened: CellOpen,
        sources: tuple[Citation, ...],
        units: tuple[str, ...],
        citations: Mapping[str, Citation],
        finished: Callable[[str], str] = str,
    ) -> None:
        self.language: Language = opened.language
        self.complete = False
        self.kept: dict[str, CellKind] = {}
        self.unknown: dict[str, None] = {}
        self._opened = opened
        self._sources = sources
        self._units = units
        self._citations = citations
        self._finished = finished
        self._texts: list[str] = []
        self._is_open = False
        self._in_code = False

    def take(self, event: FenceEvent) -> list[Event]:
        """Return what a piece of the answer means."""
        if isinstance(event, Opened):
            return self._open(event)
        if isinstance(event, Grown):
            return [CellDelta(cell=self._opened.cell, text=event.text)] if self._in_code else []
        if self._in_code:
            self._close(event)
        self._in_code = False
        return []

    def finish(self) -> list[Event]:
        """Return the close of the cell; with an empty text where there is no code."""
        source, marks = take_marks("\n\n".join(self._texts), self.language)
        cited = tuple(self._citations[mark] for mark in marks if mark in self._citations)
        self.unknown.update(dict.fromkeys(mark for mark in marks if mark not in self._citations))
        if source.strip():
            self.kept[self._opened.cell] = "code"
            source = self._finished(source)
        else:
            source, cited = "", ()
        if not self._is_open:
            return []
        sources = tuple(dict.fromkeys((*self._sources, *cited))) if source else ()
        units = self._units if source else ()
        return [CellClose(cell=self._opened.cell, source=source, sources=sources, units=units)]

    def warnings(self) -> list[Warn]:
        """Return nothing: the plan says what a cell is for."""
        return []

    def _open(self, event: Opened) -> list[Event]:
        self._in_code = event.kind == "code"
        if not self._in_code:
            return []
        if self._is_open:
            return [CellDelta(cell=self._opened.cell, text="\n\n")]
        self._is_open = True
        return [self._opened]

    def _close(self, event: Closed) -> None:
        text = tidy(event.source, self.language)
        # A cut cell of R cannot be read here, so that it is not trusted.
        stands = event.whole or self.complete or (self.language == "python" and parses(text))
        if text and stands:
            self._texts.append(text)
