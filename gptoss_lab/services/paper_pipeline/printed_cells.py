"""The cells of the code that a paper prints, as events."""

from __future__ import annotations

from collections.abc import Iterator

from gptoss_lab.drafts.paper_cells import last_words, origin_text, shown_code
from gptoss_lab.papers.listings_judge import Program
from gptoss_lab.papers.printed_plan import Plan, PlannedCell
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event
from gptoss_lab.schemas.generation import CellKind
from gptoss_lab.schemas.papers import Paper, Place
from gptoss_lab.services.paper_pipeline.run import PaperRun

_ATTACHED = "The paper uses these packages and does not print how it attaches them."
_NAMED = "The paper names this in its text; it prints no listing of it."


def planned_events(run: PaperRun, plan: Plan, program: Program, index: int) -> Iterator[Event]:
    """Yield the cells: before each piece of code where it comes from.

    Args:
        run: The job.
        plan: The cells in order.
        program: What was attached for them.
        index: Of the first cell.
    """
    writer = _Writer(run, index)
    if program.attached:
        prefix = plan.cells[0].id.partition("-")[0] if plan.cells else "p"
        yield from writer.cell(f"{prefix}-why", "markdown", _ATTACHED)
        source = "\n".join(f'library("{name}")' for name in program.attached)
        yield from writer.cell(f"{prefix}-packages", "code", source)
    for cell in plan.cells:
        yield from writer.origin(cell)
        if not cell.reason:
            yield from writer.cell(cell.id, "code", cell.source, cell.listings[0].place)


class _Writer:
    """Numbers cells, and knows of which section the last one was."""

    def __init__(self, run: PaperRun, index: int) -> None:
        self._run = run
        self._paper = run.paper
        self._index = index
        self._section: tuple[str, ...] = ()
        self._quoted = ""
        self._before = _prose_before(run.paper)

    def origin(self, cell: PlannedCell) -> Iterator[Event]:
        """Yield the text cell before a piece of code; pieces that follow each other share one."""
        first = cell.listings[0]
        quoted = self._before.get(first.block, "")
        is_new = first.block != self._quoted or first.place.section != self._section or first.named
        if not is_new and not cell.reason:
            return
        section = first.place.section
        title = section[-1] if section and section != self._section else ""
        quote = last_words(quoted) if first.block != self._quoted else ""
        self._section, self._quoted = first.place.section, first.block
        text = origin_text(
            first.place,
            title=title,
            quote=quote,
            file=self._paper.files[0] if self._paper.files else "",
            notebook=self._run.run.request.context.path,
            note=_NAMED if first.named else "",
        )
        if cell.reason:
            code = shown_code(cell.source, first.language, cell.reason)
            text = f"{text}\n\n{code}" if text else code
            yield from self.cell(cell.id, "markdown", text, first.place)
        elif text:
            yield from self.cell(f"{cell.id}-from", "markdown", text, first.place)

    def cell(self, name: str, kind: CellKind, source: str, place: Place | None = None) -> Iterator[Event]:
        """Yield a whole cell."""
        language = self._run.run.request.language
        yield CellOpen(cell=name, index=self._index, kind=kind, language=language)
        yield CellDelta(cell=name, text=source)
        sources = (_citation(self._paper, place),) if place is not None else ()
        yield CellClose(cell=name, source=source, sources=sources)
        self._index += 1


def _citation(paper: Paper, place: Place) -> Citation:
    file = paper.files[0] if paper.files else ""
    return Citation(
        source=paper.title or paper.uri,
        title=place.section[-1] if place.section else paper.title or paper.uri,
        page=place.page,
        anchor=place.anchor,
        link=file if file.startswith(("https://", "http://")) else "",
    )


def _prose_before(paper: Paper) -> dict[str, str]:
    """Return the prose that stands right before each block of code or output."""
    found: dict[str, str] = {}
    last = ""
    for block in paper.blocks:
        if block.kind == "prose":
            last = block.text
        elif block.kind in {"code", "output"}:
            found[block.id] = last
            last = ""
    return found
