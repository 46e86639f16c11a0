"""Lay out: the cells that a model wrote, before they are checked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from gptoss_lab.checks.r_layout import PACKAGE, r_layout_payload, r_layout_script, r_layouts
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.events import Event
from gptoss_lab.services.formatting import formatted
from gptoss_lab.services.pipeline.run import Run

LOG = logging.getLogger(__name__)
STYLE_WITHIN_S = 30.0


async def lay_out(run: Run) -> AsyncIterator[Event]:
    """Close cells anew whose layout changes; nothing where that is not wanted."""
    if run.generator.name != "model":
        return
    cells = [cell for cell in run.sheet.code() if cell.verification is None]
    sources = [cell.source for cell in cells]
    texts = await (_of_r(run, sources) if run.request.language == "r" else _of_python(run, sources))
    for cell, text in zip(cells, texts, strict=True):
        if text != cell.source:
            for event in run.reclose(cell.model_copy(update={"source": text})):
                yield event


async def _of_python(run: Run, sources: list[str]) -> list[str]:
    ruff = run.choices.ruff
    return await asyncio.to_thread(formatted, sources, ruff) if ruff else sources


async def _of_r(run: Run, sources: list[str]) -> list[str]:
    """Ask the sandbox's R, once for all cells, where it has the package; a layout is worth no failure."""
    if not run.choices.style_r or not run.has_sandbox or not sources:
        return sources
    try:
        run.packages = run.packages or await run.executor.packages("r")
        if PACKAGE not in run.packages:
            return sources
        payload = r_layout_payload(sources)
        answer = await run.executor.inspect("r", r_layout_script(), payload, timeout_s=STYLE_WITHIN_S)
        return r_layouts(answer, sources)
    except SandboxError as error:
        LOG.info("R cells were not laid out: %s", error.code)
        return sources
