"""The events of a job as text, for consoles and notebooks without our page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from IPython.core.error import UsageError

Event = Mapping[str, Any]
STAGES = {
    "collect": "reading the documentation",
    "retrieve": "looking for what fits",
    "stream": "writing",
    "check": "checking",
    "verify": "running the cells in a sandbox",
    "repair": "repairing",
}


@dataclass
class Printer:
    """Writes what a job does. It shows cells; it never runs one.

    Args:
        write: Takes a piece of text.
    """

    write: Callable[[str], object]
    _opened: dict[str, Event] = field(default_factory=dict)
    _sources: dict[str, str] = field(default_factory=dict)
    _stage: str = ""

    def follow(self, events: Iterable[Event]) -> None:
        """Write events up to the last one.

        Raises:
            UsageError: The job failed; what was finished before stays above.
        """
        for event in events:
            tell = _TELLERS.get(str(event.get("type")))
            if tell is not None:
                tell(self, event)

    def stage(self, event: Event) -> None:
        """Name a stage once."""
        words = STAGES.get(str(event.get("stage")), "")
        if words and words != self._stage:
            self._stage = words
            self.write(f"… {words}\n")

    def open(self, event: Event) -> None:
        """Remember what the cell is."""
        self._opened[str(event.get("cell"))] = event

    def close(self, event: Event) -> None:
        """Write the whole cell, which replaces what was written of it before."""
        cell, source = str(event.get("cell")), str(event.get("source", ""))
        if source == self._sources.get(cell, ""):
            return
        again = ", repaired" if cell in self._sources else ""
        self._sources[cell] = source
        if not source:
            self.write(f"\n# --- {self._name(cell)} fell away ---\n")
            return
        cited = ", ".join(dict.fromkeys(_citation(row) for row in event.get("sources", ())))
        origin = f" · {cited}" if cited else ""
        self.write(f"\n# --- {self._name(cell)}{again}{origin} ---\n{source.rstrip()}\n")

    def verified(self, event: Event) -> None:
        """Say how the cell did in the sandbox."""
        run = event.get("verification", {})
        error = f": {str(run.get('error')).splitlines()[-1]}" if run.get("error") else ""
        self.write(f"# {self._name(str(event.get('cell')))} in the sandbox: {run.get('status')}{error}\n")

    def finding(self, event: Event) -> None:
        """Say what a check has found."""
        finding = event.get("finding", {})
        self.write(
            f"# {self._name(str(finding.get('cell')))}: {finding.get('severity')}: {finding.get('message')}\n"
        )

    def warn(self, event: Event) -> None:
        """Pass a warning on."""
        self.write(f"Note: {event.get('message')} {event.get('hint', '')}".rstrip() + "\n")

    def done(self, event: Event) -> None:
        """Say what there is, and that none of it has run here."""
        if event.get("message"):
            self.write(f"\n{event['message']}\n")
        stopped = "Stopped. " if event.get("state") == "cancelled" else ""
        cells, verified = event.get("cells", 0), event.get("verified", 0)
        self.write(
            f"\n{stopped}{_count(cells)}, {verified} of them ran well in the sandbox. "
            "None was executed here: read them, then copy what you want.\n"
        )

    def failed(self, event: Event) -> None:
        """End with the reason.

        Raises:
            UsageError: Always.
        """
        problem = event.get("problem", {})
        said = str(problem.get("detail") or problem.get("title") or "The generation failed")
        raise UsageError(f"{said.rstrip('.')}.\n  {problem.get('hint', '')}".rstrip())

    def _name(self, cell: str) -> str:
        opened = self._opened.get(cell, {})
        return f"cell {int(opened.get('index', 0)) + 1} · {opened.get('kind', 'code')}"


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"


def _citation(row: Mapping[str, Any]) -> str:
    page = f" p. {row['page']}" if row.get("page") else ""
    return f"{row.get('symbol') or row.get('title', '')}{page}"


_TELLERS: dict[str, Callable[[Printer, Event], None]] = {
    "stage": Printer.stage,
    "cell_open": Printer.open,
    "cell_close": Printer.close,
    "verification": Printer.verified,
    "finding": Printer.finding,
    "warning": Printer.warn,
    "done": Printer.done,
    "error": Printer.failed,
}
