"""From the deltas of a model to the events of a job."""

from __future__ import annotations

from collections.abc import Mapping

from gptoss_lab.drafts.cells import CellIds, Closed, FenceEvent, Grown, Opened
from gptoss_lab.drafts.citations import take_marks
from gptoss_lab.drafts.fences import FenceParser
from gptoss_lab.drafts.glued import GluedFilter, Part
from gptoss_lab.drafts.remnants import RemnantFilter, recover_final
from gptoss_lab.drafts.source import tidy
from gptoss_lab.drafts.syntax import parses
from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta
from gptoss_lab.schemas.base import Effort, Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Reasoning, Usage, Warn
from gptoss_lab.schemas.generation import CellKind
from gptoss_lab.services.generators.answer_warnings import Ending, warnings_of

_WHOLE = frozenset({"stop", "tool_calls", "eos"})
_MAX_REASONING_CHARS = 1 << 18
_LOWER: dict[Effort, Effort] = {"high": "medium", "medium": "low"}


class Answer:
    """Listens to one answer of a model. The reasoning is held only as long as it does, for a lost answer.

    Args:
        language: The notebook's language.
        citations: What a cell may cite, by the label that the prompt gave it.
        ids: Gives the cells their names.

    Attributes:
        reason: The server's word for how it ended.
    """

    def __init__(
        self, language: Language, citations: Mapping[str, Citation], ids: CellIds | None = None
    ) -> None:
        self._language: Language = language
        self._citations = citations
        self._glued = GluedFilter()
        self._remnants = RemnantFilter()
        self._parser = FenceParser(language)
        self._ids = ids or CellIds()
        self._cell = ""
        self._kept: dict[str, CellKind] = {}
        self._reasoning: list[str] = []
        self._reasoning_chars = 0
        self._has_content = False
        self._broken = 0
        self.reason = ""
        self._unknown: dict[str, None] = {}

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
            unknown=tuple(self._unknown),
        )
        return list(warnings_of(ending))

    def lower_effort(self, effort: Effort) -> Effort | None:
        """Return at which effort to ask once more; None where that would not help, or cells would double.

        It helps where the model thought without coming to an end, or went round in circles.
        """
        endless = self.reason == "length" and not self._has_content
        looped = self.reason == "repetition" and "code" not in self._kept.values()
        return _LOWER.get(effort) if endless or looped else None

    def taken_back(self) -> list[Event]:
        """Return what removes the cells that were kept, where another answer takes their place."""
        return [CellClose(cell=cell, source="") for cell in self._kept]

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
        return events + [self._event(event) for event in self._parser.finish(complete=complete)]

    def _read(self, text: str) -> list[Event]:
        self._has_content = self._has_content or bool(text and not text.isspace())
        return [self._event(event) for event in self._parser.feed(text)]

    def _event(self, event: FenceEvent) -> Event:
        if isinstance(event, Grown):
            return CellDelta(cell=self._cell, text=event.text)
        if isinstance(event, Opened):
            self._cell = self._ids.new()
            return CellOpen(cell=self._cell, index=len(self._kept), kind=event.kind, language=event.language)
        return self._close(event)

    def _close(self, cell: Closed) -> CellClose:
        is_code = cell.kind == "code"
        source = tidy(cell.source, self._language) if is_code else cell.source
        source, marks = take_marks(source, self._language if is_code else None)
        if is_code and not cell.whole and self.reason not in _WHOLE and not self._stands(source):
            source = ""
        self._unknown.update(dict.fromkeys(mark for mark in marks if mark not in self._citations))
        if source:
            self._kept[self._cell] = cell.kind
        sources = tuple(self._citations[mark] for mark in marks if mark in self._citations)
        return CellClose(cell=self._cell, source=source, sources=sources if source else ())

    def _stands(self, source: str) -> bool:
        # Nothing here can read R: a cut cell of it is not trusted.
        return self._language == "python" and parses(source)
