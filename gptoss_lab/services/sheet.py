"""The cells of a job, folded from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, FindingEvent, VerificationEvent
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.review import Finding


@dataclass(slots=True)
class Entry:
    """One cell. `closed` is None while text streams in, empty when the cell fell away."""

    opened: CellOpen
    text: list[str] = field(default_factory=list)
    closed: str | None = None
    sources: tuple[Citation, ...] = ()
    units: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    verification: CellVerification | None = None

    def cell(self) -> GeneratedCell:
        """Return the cell as it stands."""
        return GeneratedCell(
            id=self.opened.cell,
            kind=self.opened.kind,
            change=self.opened.change,
            target=self.opened.target,
            language=self.opened.language,
            source=self.closed or "",
            sources=self.sources,
            units=self.units,
            findings=tuple(self.findings),
            verification=self.verification,
        )


class Sheet:
    """Cells by id. Events of cells that were never opened are ignored."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def apply(self, event: Event) -> None:
        """Fold one event in."""
        if isinstance(event, CellOpen):
            self._entries[event.cell] = Entry(event)
        elif isinstance(event, CellDelta):
            if event.cell in self._entries:
                self._entries[event.cell].text.append(event.text)
        elif isinstance(event, CellClose):
            self._close(event)
        elif isinstance(event, FindingEvent):
            if event.finding.cell in self._entries:
                self._entries[event.finding.cell].findings.append(event.finding)
        elif isinstance(event, VerificationEvent) and event.cell in self._entries:
            self._entries[event.cell].verification = event.verification

    def _close(self, event: CellClose) -> None:
        entry = self._entries.get(event.cell)
        if entry is None:
            return
        # A new text makes old findings and runs void.
        entry.closed, entry.sources, entry.units, entry.text = event.source, event.sources, event.units, []
        entry.findings, entry.verification = [], None

    def entries(self) -> list[Entry]:
        """Return every cell in the order of the notebook, open and fallen ones too."""
        return sorted(self._entries.values(), key=lambda entry: entry.opened.index)

    def cells(self) -> list[GeneratedCell]:
        """Return the closed cells in the order of the notebook."""
        return [entry.cell() for entry in self.entries() if entry.closed]

    def code(self) -> list[GeneratedCell]:
        """Return the closed code cells in the order of the notebook, without those that are to go."""
        return [cell for cell in self.cells() if cell.kind == "code" and cell.change != "deleted"]

    def counts(self) -> tuple[int, int]:
        """Return how many cells are closed, and how many of them ran well."""
        closed = [entry.verification for entry in self._entries.values() if entry.closed]
        return len(closed), sum(run is not None and run.status == "ok" for run in closed)

    def abandon(self) -> list[CellClose]:
        """Return what removes the cells that are still open: half a cell helps nobody."""
        return [
            CellClose(cell=entry.opened.cell, source="") for entry in self.entries() if entry.closed is None
        ]

    def replay(self) -> list[Event]:
        """Return events that lead a new reader to these cells."""
        events: list[Event] = []
        for entry in self.entries():
            name = entry.opened.cell
            events.append(entry.opened.model_copy(update={"seq": 0}))
            if entry.closed is None:
                events.append(CellDelta(cell=name, text="".join(entry.text)))
                continue
            events.append(CellClose(cell=name, source=entry.closed, sources=entry.sources, units=entry.units))
            events += [FindingEvent(finding=finding) for finding in entry.findings]
            if entry.verification is not None:
                events.append(VerificationEvent(cell=name, verification=entry.verification))
        return events
