"""Cells of an earlier job, said once more as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from gptoss_lab.schemas.events import CellClose, CellOpen, Event
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.base import Brief, Ticket


class KeptCells:
    """A generator that has its cells already.

    Args:
        cells: The cells.
        name: Who wrote them.
        model: The model that did, if one did.
    """

    can_repair = False

    def __init__(self, cells: Sequence[GeneratedCell], name: GeneratorName, model: str) -> None:
        self.name = name
        self.model = model
        self._cells = tuple(cells)

    async def draft(self, brief: Brief) -> AsyncIterator[Event]:
        """Say each cell as it is."""
        del brief
        for index, cell in enumerate(self._cells):
            yield CellOpen(
                cell=cell.id,
                index=index,
                kind=cell.kind,
                language=cell.language,
                change=cell.change,
                target=cell.target,
            )
            yield CellClose(cell=cell.id, source=cell.source, sources=cell.sources, units=cell.units)

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncIterator[Event]:
        """Change nothing."""
        del brief, cells, tickets, round_number
        nothing: tuple[Event, ...] = ()
        for event in nothing:
            yield event
