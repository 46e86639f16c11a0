"""Lay out: the cells that a model wrote, before they are checked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gptoss_lab.schemas.events import Event
from gptoss_lab.services.formatting import formatted
from gptoss_lab.services.pipeline.run import Run


async def lay_out(run: Run) -> AsyncIterator[Event]:
    """Close cells anew whose layout ruff changes; nothing where that is not wanted."""
    if not run.ruff or run.generator.name != "model" or run.request.language != "python":
        return
    cells = [cell for cell in run.sheet.code() if cell.verification is None]
    texts = await asyncio.to_thread(formatted, [cell.source for cell in cells], run.ruff)
    for cell, text in zip(cells, texts, strict=True):
        if text != cell.source:
            for event in run.reclose(cell.model_copy(update={"source": text})):
                yield event
