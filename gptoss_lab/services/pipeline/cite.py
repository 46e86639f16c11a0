"""Cite: text cells say where the code below them comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from gptoss_lab.drafts.source_line import link_of, source_line
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellOpen, Event
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.pipeline.run import Run

Placed = dict[str, list[Citation]]


async def cite(run: Run) -> AsyncIterator[Event]:
    """Put a line of sources into the text cell above code, or into one at the end; each source once.

    Nothing where that is not wanted, and where cells of the notebook are changed: what stands around those
    is the person's own.
    """
    if not run.request.source_lines or run.changes:
        return
    cells = run.sheet.cells()
    placed, left = _placed(run, cells)
    for cell in cells:
        if cell.id in placed:
            text = f"{cell.source.rstrip()}\n\n{source_line(placed[cell.id])}"
            for event in run.reclose(cell.model_copy(update={"source": text})):
                yield event
    if left:
        last = cells[-1]
        name = f"{last.id}-sources"
        yield run.apply(CellOpen(cell=name, index=_next_index(run), kind="markdown", language=last.language))
        yield run.apply(CellClose(cell=name, source=source_line(left), sources=tuple(left)))


def _placed(run: Run, cells: Sequence[GeneratedCell]) -> tuple[Placed, list[Citation]]:
    """Return what each text cell is to cite, and what has no text cell above it."""
    placed: Placed = defaultdict(list)
    left: list[Citation] = []
    told: set[Citation] = set()
    above = ""
    for cell in cells:
        if cell.kind == "markdown":
            above = cell.id
            continue
        fresh = [
            source for source in dict.fromkeys(cell.sources) if source not in told and _is_news(run, source)
        ]
        told.update(fresh)
        if fresh:
            (placed[above] if above else left).extend(fresh)
    return placed, left


def _is_news(run: Run, source: Citation) -> bool:
    """Say whether a text cell does not name it already: those above examples do, without an address."""
    return run.generator.name != "examples" or bool(link_of(source))


def _next_index(run: Run) -> int:
    return max(entry.opened.index for entry in run.sheet.entries()) + 1
