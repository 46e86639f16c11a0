"""Mends the cells of a paper: with the words that they implement before it, and no printed result."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from gptoss_lab.schemas.documents import Passage
from gptoss_lab.schemas.events import CellClose, Event
from gptoss_lab.schemas.generation import MAX_TASK_CHARS, GeneratedCell
from gptoss_lab.schemas.papers import Unit
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generators.base import Brief, CellGenerator, Ticket
from gptoss_lab.services.paper_pipeline.datasets_stand_in import labelled
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.write import stood_in, unit_entry
from gptoss_lab.services.paper_pipeline.write_text import citations_of
from gptoss_lab.services.streams import closing

_RULES = (
    "\n\nThe cells implement a paper, and the passages are what of it the failing cells implement. Keep the "
    "names that other cells use. Where a cell stores numbers in claim_values, compute them; never write such "
    "a number down. Do not mend a test by testing less."
)


class PaperGenerator:
    """The generator of a job that has a paper: it writes nothing by itself, and mends cells by their units.

    Args:
        inner: The generator over the model.
        work: The state of the job.

    Attributes:
        work: The same, for the stages that come after the cells have run.
    """

    name: GeneratorName = "model"

    def __init__(self, inner: CellGenerator, work: Work) -> None:
        self.inner = inner
        self.work = work
        self.can_repair = inner.can_repair
        self.model = inner.model

    def draft(self, brief: Brief) -> AsyncIterator[Event]:
        """Generate cells for a brief, as the inner generator does."""
        return self.inner.draft(brief)

    async def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncIterator[Event]:
        """Rewrite the cells of the tickets; those that no model wrote stay as they are.

        Raises:
            EngineError: The model service failed.
        """
        plan = self.work.plan
        own = {cell.id for cell in plan.cells if cell.is_own} if plan else set()
        theirs = [ticket for ticket in tickets if ticket.cell.id not in own]
        for ticket in tickets:
            if ticket.cell.id in own:
                yield _closed(ticket.cell, ticket.cell.source)
        if not theirs:
            return
        mended = self.inner.repair(self._brief(brief, theirs), cells, theirs, round_number)
        by_id = {ticket.cell.id: ticket.cell for ticket in theirs}
        async with closing(mended) as events:
            async for event in events:
                if isinstance(event, CellClose) and event.cell in by_id:
                    yield self._kept(event, by_id[event.cell])
                else:
                    yield event

    def _brief(self, brief: Brief, tickets: Sequence[Ticket]) -> Brief:
        request = brief.request
        task = request.task + _RULES if len(request.task) + len(_RULES) < MAX_TASK_CHARS else request.task
        wanted = {unit for ticket in tickets for unit in ticket.cell.units}
        return replace(
            brief,
            request=request.model_copy(update={"task": task}),
            passages=[self._passage(unit) for unit in self.work.units if unit.id in wanted],
            packages=self.work.run.run.packages,
            corpora=(),
        )

    def _passage(self, unit: Unit) -> Passage:
        entry = unit_entry(self.work, unit)
        cited = citations_of(self.work.run.paper, [unit.place])[0]
        title = entry.title or unit.id
        return Passage(id=unit.id, kind="narrative", title=title, text=entry.text, tokens=0, citation=cited)

    def _kept(self, event: CellClose, cell: GeneratedCell) -> CellClose:
        """Return the close of a mended cell: it implements what it did, and says what data it shows."""
        plan, source = self.work.plan, event.source or cell.source
        if plan is not None and cell.id in stood_in(self.work, plan):
            source = labelled(source, self.work.language)
        sources = tuple(dict.fromkeys((*cell.sources, *event.sources)))
        return CellClose(cell=cell.id, source=source, sources=sources, units=cell.units)


def _closed(cell: GeneratedCell, source: str) -> CellClose:
    return CellClose(cell=cell.id, source=source, sources=cell.sources, units=cell.units)
