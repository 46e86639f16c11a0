"""The front page of a notebook of a paper: cell 0; the stages that write cells number theirs from 1."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gptoss_lab.drafts.front_page import front_text
from gptoss_lab.schemas.events import CellClose, CellOpen, Event
from gptoss_lab.services.paper_pipeline.run import PaperRun

FRONT_CELL = "paper-front"
FIRST_INDEX = 1
"""Where the cells below the front page begin."""


async def front_page(run: PaperRun) -> AsyncIterator[Event]:
    """Write the front page, or write it anew with what has come of the claims since."""
    report = run.told.report()
    if report is None:
        return
    if FRONT_CELL not in {cell.id for cell in run.run.sheet.cells()}:
        opened = CellOpen(cell=FRONT_CELL, index=0, kind="markdown", language=run.run.request.language)
        yield run.apply(opened)
    yield run.apply(CellClose(cell=FRONT_CELL, source=front_text(report, run.run.request.context.path)))
