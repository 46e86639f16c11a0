"""No more new code cells than were asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gptoss_lab.schemas.events import CellClose, CellOpen, Event, Warn
from gptoss_lab.services.streams import closing


class CellLimit:
    """Counts the new code cells of an answer and leaves out those that are too many.

    Args:
        most: How many may stay; None for any number.
        ends: Whether nothing after the first that is too many is of use, so that the answer may end.
    """

    def __init__(self, most: int | None, *, ends: bool) -> None:
        self._most = most
        self._ends = ends
        self._code: set[str] = set()
        self._left_out: set[str] = set()
        self._text = ""

    async def limited(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """Pass events on; text that only leads to a cell that is left out is taken back."""
        async with closing(events) as said:
            async for event in said:
                if isinstance(event, CellOpen) and self._is_too_many(event):
                    self._left_out.add(event.cell)
                    if self._text:
                        yield CellClose(cell=self._text, source="")
                        self._text = ""
                    if self._ends:
                        break
                if getattr(event, "cell", "") in self._left_out:
                    continue
                self._note(event)
                yield event
        if self._left_out:
            cells = "code cell" if self._most == 1 else "code cells"
            yield Warn(
                message=f"More than {self._most} {cells} came; the rest was left out.",
                hint="Ask for more cells, or for less at once.",
            )

    def _is_too_many(self, event: CellOpen) -> bool:
        is_new = event.kind == "code" and event.change == "new"
        return self._most is not None and is_new and len(self._code) >= self._most

    def _note(self, event: Event) -> None:
        if isinstance(event, CellOpen):
            is_new = event.change == "new"
            self._text = event.cell if event.kind == "markdown" and is_new else ""
            if event.kind == "code" and is_new:
                self._code.add(event.cell)
        elif isinstance(event, CellClose) and not event.source:
            self._code.discard(event.cell)
            self._text = "" if self._text == event.cell else self._text
