"""The cells of an execution, folded from its events into outputs as nbformat 4 has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gptoss_lab.sandbox.outputs import content_bytes
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.runs import (
    CellEnd,
    CellError,
    CellStart,
    ClearOutput,
    Display,
    ExecutionEvent,
    Result,
    Stderr,
    Stdout,
    Truncated,
    UpdateDisplay,
)

MAX_BYTES = 32 << 20


@dataclass(slots=True)
class RunCell:
    """One cell. `end` is None while it runs; the text of a stream is kept in pieces."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    truncated: Truncated | None = None
    end: CellEnd | None = None
    clear_next: bool = False

    def verification(self) -> CellVerification | None:
        """Return how the cell did, with its outputs; None while it runs."""
        if self.end is None:
            return None
        return self.end.verification.model_copy(update={"outputs": tuple(map(_joined, self.outputs))})


class RunSheet:
    """Cells by number.

    Args:
        max_bytes: How much the outputs of all cells may take; what comes after is left out.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.cells: dict[int, RunCell] = {}
        self._left = max_bytes
        self._shown: dict[str, list[dict[str, Any]]] = {}

    def apply(self, event: ExecutionEvent) -> None:
        """Fold one event in; those that are of no cell are ignored."""
        if isinstance(event, CellStart):
            self.cells[event.cell] = RunCell()
        elif isinstance(event, (Stdout, Stderr)):
            self._add_text(event)
        elif isinstance(event, (Result, Display)):
            self._add_rich(event)
        elif isinstance(event, UpdateDisplay):
            self._update(event)
        elif isinstance(event, CellError):
            self._add_error(event)
        elif isinstance(event, (ClearOutput, Truncated, CellEnd)):
            self._note(event)

    def verifications(self) -> tuple[CellVerification, ...]:
        """Return the cells that have ended, in order."""
        runs = (cell.verification() for _, cell in sorted(self.cells.items()))
        return tuple(run for run in runs if run is not None)

    def counts(self) -> tuple[int, int]:
        """Return how many cells have ended, and how many of them ran well."""
        ends = [cell.end.verification.status for cell in self.cells.values() if cell.end]
        return len(ends), ends.count("ok")

    def replay(self) -> Iterator[ExecutionEvent]:
        """Yield events that lead a new reader to these cells."""
        names = {id(output): name for name, outputs in self._shown.items() for output in outputs}
        for number, cell in sorted(self.cells.items()):
            yield CellStart(cell=number)
            for output in cell.outputs:
                yield _event(number, _joined(output), names.get(id(output), ""))
            if cell.truncated is not None:
                yield cell.truncated
            if cell.end is not None:
                yield cell.end

    def _note(self, event: ClearOutput | Truncated | CellEnd) -> None:
        cell = self.cells.setdefault(event.cell, RunCell())
        if isinstance(event, CellEnd):
            cell.end = event
        elif isinstance(event, Truncated):
            cell.truncated = event
        else:
            self._clear(cell, wait=event.wait)

    def _add_text(self, event: Stdout | Stderr) -> None:
        cell = self._opened(event.cell)
        last = cell.outputs[-1] if cell.outputs else {}
        if not self._take(len(event.text)):
            return
        if last.get("name") == event.type:
            last["text"].append(event.text)
        else:
            cell.outputs.append({"output_type": "stream", "name": event.type, "text": [event.text]})

    def _add_rich(self, event: Result | Display) -> None:
        cell = self._opened(event.cell)
        if not self._take(content_bytes(event.data)):
            return
        output: dict[str, Any] = {
            "output_type": "display_data",
            "data": event.data,
            "metadata": event.metadata,
        }
        if isinstance(event, Result):
            output.update(output_type="execute_result", execution_count=event.execution_count)
        elif event.display:
            self._shown.setdefault(event.display, []).append(output)
        cell.outputs.append(output)

    def _update(self, event: UpdateDisplay) -> None:
        shown = self._shown.get(event.display, ())
        if shown and self._take(content_bytes(event.data)):
            for output in shown:
                output.update(data=event.data, metadata=event.metadata)

    def _add_error(self, event: CellError) -> None:
        error = {"ename": event.ename, "evalue": event.evalue, "traceback": list(event.traceback)}
        self._opened(event.cell).outputs.append({"output_type": "error", **error})

    def _opened(self, number: int) -> RunCell:
        cell = self.cells.setdefault(number, RunCell())
        if cell.clear_next:
            self._clear(cell, wait=False)
        return cell

    def _clear(self, cell: RunCell, *, wait: bool) -> None:
        cell.clear_next = wait
        if not wait:
            gone = set(map(id, cell.outputs))
            cell.outputs.clear()
            kept = {
                name: [one for one in shown if id(one) not in gone] for name, shown in self._shown.items()
            }
            self._shown = {name: shown for name, shown in kept.items() if shown}

    def _take(self, size: int) -> bool:
        self._left -= size
        return self._left >= 0


def _joined(output: dict[str, Any]) -> dict[str, Any]:
    return {**output, "text": "".join(output["text"])} if output["output_type"] == "stream" else output


def _event(number: int, output: dict[str, Any], display: str) -> ExecutionEvent:
    kind = output["output_type"]
    if kind == "stream":
        make = Stderr if output["name"] == "stderr" else Stdout
        return make(cell=number, text=output["text"])
    if kind == "error":
        traceback = tuple(output["traceback"])
        return CellError(cell=number, ename=output["ename"], evalue=output["evalue"], traceback=traceback)
    if kind == "execute_result":
        count = output["execution_count"]
        return Result(cell=number, data=output["data"], metadata=output["metadata"], execution_count=count)
    return Display(cell=number, data=output["data"], metadata=output["metadata"], display=display)
