"""From the deltas of a model to the events of a job."""

from __future__ import annotations

from gptoss_lab.drafts.cells import FenceEvent
from gptoss_lab.drafts.fences import FenceParser
from gptoss_lab.drafts.glued import GluedFilter, Part
from gptoss_lab.drafts.remnants import RemnantFilter, recover_final
from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.events import CellClose, Event, Reasoning, Usage, Warn
from gptoss_lab.services.generators.answer_warnings import Ending, warnings_of
from gptoss_lab.services.generators.written_cells import WrittenCells

_WHOLE = frozenset({"stop", "tool_calls", "eos"})
_MAX_REASONING_CHARS = 1 << 18
_LOWER: dict[Effort, Effort] = {"high": "medium", "medium": "low"}


class Answer:
    """Listens to one answer of a model. The reasoning is held only as long as it does, for a lost answer.

    Args:
        cells: What becomes of what it writes.

    Attributes:
        reason: The server's word for how it ended.
    """

    def __init__(self, cells: WrittenCells) -> None:
        self._cells = cells
        self._glued = GluedFilter()
        self._remnants = RemnantFilter()
        self._parser = FenceParser(cells.language, cells.reading)
        self._reasoning: list[str] = []
        self._reasoning_chars = 0
        self._has_content = False
        self._broken = 0
        self.reason = ""

    def take(self, delta: ChatDelta) -> list[Event]:
        """Return what a delta means."""
        if isinstance(delta, ContentDelta):
            return self._take_parts(self._glued.feed(delta.text))
        if isinstance(delta, ReasoningDelta):
            return [self._reasoned(delta.text)]
        if isinstance(delta, Finished):
            self.reason = delta.reason
            return []
        return [Usage(usage=delta.usage)]

    def finish(self) -> list[Event]:
        """Return what the end of the answer means."""
        events = self._take_parts(self._glued.finish())
        if not self._has_content:
            hidden = recover_final("".join(self._reasoning))
            events += self._take_content(hidden)
        return [*events, *self._end(complete=self.reason in _WHOLE)]

    def abort(self) -> list[Event]:
        """End after a fault of the service: an open code cell stays only if it parses."""
        return [*self._take_parts(self._glued.finish()), *self._end(complete=False)]

    def warnings(self) -> list[Warn]:
        """Return what the person should know of a finished answer."""
        ending = Ending(
            reason=self.reason,
            is_whole=self.reason in _WHOLE,
            is_empty=not self._has_content,
            called=self._remnants.called or self.reason == "tool_calls",
            broken=self._broken,
            unknown=tuple(self._cells.unknown),
        )
        return [*warnings_of(ending), *([] if ending.is_empty else self._cells.warnings())]

    def lower_effort(self, effort: Effort) -> Effort | None:
        """Return at which effort to ask once more; None where that would not help, or cells would double.

        It helps where the model thought without coming to an end, or went round in circles.
        """
        endless = self.reason == "length" and not self._has_content
        looped = self.reason == "repetition" and "code" not in self._cells.kept.values()
        return _LOWER.get(effort) if endless or looped else None

    def taken_back(self) -> list[Event]:
        """Return what removes the cells that were kept, where another answer takes their place."""
        return [CellClose(cell=cell, source="") for cell in self._cells.kept]

    def _take_parts(self, parts: list[Part]) -> list[Event]:
        events: list[Event] = []
        for part in parts:
            if part.kind == "reasoning":
                events.append(Reasoning(text=part.text))
            else:
                events += self._take_content(part.text)
        return events

    def _reasoned(self, text: str) -> Reasoning:
        self._reasoning.append(text)
        self._reasoning_chars += len(text)
        if self._reasoning_chars > 2 * _MAX_REASONING_CHARS:
            self._reasoning = ["".join(self._reasoning)[-_MAX_REASONING_CHARS:]]
            self._reasoning_chars = _MAX_REASONING_CHARS
        return Reasoning(text=text)

    def _take_content(self, text: str) -> list[Event]:
        self._broken += text.count("�")
        return self._read(self._remnants.feed(text))

    def _end(self, *, complete: bool) -> list[Event]:
        events = self._read(self._remnants.finish())
        self.reason = self.reason if complete else self.reason or "cut"
        self._cells.complete = self.reason in _WHOLE
        for event in self._parser.finish(complete=complete):
            events += self._cells.take(event)
        return [*events, *self._cells.finish()]

    def _read(self, text: str) -> list[Event]:
        self._has_content = self._has_content or bool(text and not text.isspace())
        read: list[FenceEvent] = self._parser.feed(text)
        return [told for event in read for told in self._cells.take(event)]
