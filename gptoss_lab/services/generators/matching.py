"""Which rewritten cell stands for which broken one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gptoss_lab.schemas.events import CellClose, Event, Warn
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.generators.likeness import pairs


def matched(
    broken: Sequence[GeneratedCell], answer: Sequence[CellClose], code: Sequence[str]
) -> Iterator[Event]:
    """Yield one CellClose for each broken cell, with its own id.

    The model was asked for the broken cells in their order. Where it gave another number of cells,
    those of the whole notebook are told by their place, and others by their likeness. A cell that
    was not rewritten keeps its text.

    Args:
        broken: The cells to rewrite, in the order of the notebook.
        answer: The code cells of the answer.
        code: The ids of all code cells of the job, in their order.
    """
    places = _places(broken, answer, code)
    missing = 0
    for cell, place in zip(broken, places, strict=True):
        if place is None:
            missing += 1
            yield CellClose(cell=cell.id, source=cell.source, sources=cell.sources)
        else:
            new = answer[place]
            yield CellClose(cell=cell.id, source=new.source, sources=new.sources or cell.sources)
    if missing:
        yield Warn(message=f"The model did not rewrite {missing} of {len(broken)} cells.")


def _places(
    broken: Sequence[GeneratedCell], answer: Sequence[CellClose], code: Sequence[str]
) -> list[int | None]:
    if len(answer) == len(code) != len(broken):
        return [code.index(cell.id) for cell in broken]
    return pairs([cell.source for cell in broken], [new.source for new in answer])
