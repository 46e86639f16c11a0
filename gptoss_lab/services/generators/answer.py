"""From the deltas of a model to the events of a job."""

from __future__ import annotations

from collections.abc import Mapping

from gptoss_lab.drafts.cells import CellIds, Closed, FenceEvent, Grown, Opened
from gptoss_lab.drafts.citations import take_marks
from gptoss_lab.drafts.fences import FenceParser
from gptoss_lab.drafts.remnants import RemnantFilter, recover_final
from gptoss_lab.drafts.source import tidy
from gptoss_lab.drafts.syntax import parses
from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Reasoning, Usage, Warn

_WHOLE = frozenset({"stop", "tool_calls", "eos"})


class Answer:
    """Listens to one answer of a model.

    Args:
        language: The notebook's language.
        citations: What a cell may cite, by the label that the prompt gave it.
    """

    def __init__(self, language: Language, citations: Mapping[str, Citation]) -> None:
        self._language: Language = language
        self._citations = citations
        self._remnants = RemnantFilter()
        self._parser = FenceParser(language)
        self._ids = CellIds()
        self._cell = ""
        self._kept = 0
        self._reasoning: list[str] = []
        self._has_content = False
        self._reason = ""
        self._unknown: dict[str, None] = {}

    def take(self, delta: ChatDelta) -> list[Event]:
        """Return what a delta means."""
        if isinstance(delta, ContentDelta):
            self._has_content = self._has_content or not delta.text.isspace()
            return self._read(self._remnants.feed(delta.text))
        if isinstance(delta, ReasoningDelta):
            self._reasoning.append(delta.text)
            return [Reasoning(text=delta.text)]
        if isinstance(delta, Finished):
            self._reason = delta.reason
            return []
        return [Usage(usage=delta.usage)]

    def finish(self) -> list[Event]:
        """Return what the end of the answer means."""
        events: list[Event] = []
        if not self._has_content:
            hidden = recover_final("".join(self._reasoning))
            self._has_content = bool(hidden.strip())
            events += self._read(self._remnants.feed(hidden))
        complete = self._reason in _WHOLE
        return [*events, *self._end(complete=complete), *self._warnings()]

    def abort(self) -> list[Event]:
        """End after a fault of the service: an open code cell stays only if it parses."""
        return self._end(complete=False)

    def _end(self, *, complete: bool) -> list[Event]:
        events = self._read(self._remnants.finish())
        self._reason = self._reason if complete else self._reason or "cut"
        return events + [self._event(event) for event in self._parser.finish(complete=complete)]

    def _read(self, text: str) -> list[Event]:
        return [self._event(event) for event in self._parser.feed(text)]

    def _event(self, event: FenceEvent) -> Event:
        if isinstance(event, Grown):
            return CellDelta(cell=self._cell, text=event.text)
        if isinstance(event, Opened):
            self._cell = self._ids.new()
            return CellOpen(cell=self._cell, index=self._kept, kind=event.kind, language=event.language)
        return self._close(event)

    def _close(self, cell: Closed) -> CellClose:
        is_code = cell.kind == "code"
        source = tidy(cell.source, self._language) if is_code else cell.source
        source, marks = take_marks(source, self._language if is_code else None)
        if is_code and not cell.whole and self._reason not in _WHOLE and not self._stands(source):
            source = ""
        self._unknown.update(dict.fromkeys(mark for mark in marks if mark not in self._citations))
        if source:
            self._kept += 1
        sources = tuple(self._citations[mark] for mark in marks if mark in self._citations)
        return CellClose(cell=self._cell, source=source, sources=sources if source else ())

    def _stands(self, source: str) -> bool:
        # Nothing here can read R: a cut cell of it is not trusted.
        return self._language == "python" and parses(source)

    def _warnings(self) -> list[Event]:
        warnings: list[Event] = []
        if self._reason == "length" and not self._has_content:
            warnings.append(
                Warn(
                    message="The model ran out of budget while reasoning, before it wrote a cell.",
                    hint="Choose a lower effort, or a model with a longer context.",
                )
            )
        elif self._reason not in _WHOLE:
            warnings.append(_cut_warning(self._reason))
        if self._unknown:
            names = ", ".join(list(self._unknown)[:3])
            warnings.append(Warn(message=f"The model cites passages that it was not given: {names}."))
        return warnings


def _cut_warning(reason: str) -> Warn:
    if reason == "length":
        return Warn(
            message="The answer was cut at the token limit; what was finished is kept.",
            hint="Ask for less at once, or choose a lower effort.",
        )
    if reason == "repetition":
        return Warn(
            message="The model repeated itself and was stopped; what was finished is kept.",
            hint="Generate again, with a lower effort.",
        )
    if reason == "content_filter":
        return Warn(
            message="The model server's filter stopped the answer.", hint="Say the task in other words."
        )
    return Warn(message="The model stopped without saying why; what was finished is kept.")
