"""A run, cell by cell, as one answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gptoss_lab.routes import wire

if TYPE_CHECKING:
    from gptoss_lab.schemas.execution import CellVerification
    from gptoss_lab.services.execution import ExecutionService


async def run_cells(execution: ExecutionService, request: wire.ExecutionRequest) -> wire.ExecutionResponse:
    """Run the cells and gather how each did.

    Raises:
        SandboxError: The sandbox could not be started.
    """
    started = time.monotonic()
    cells: dict[int, CellVerification] = {index: cell async for index, cell in execution.run(request)}
    ran = [cells[index] for index in sorted(cells)]
    peaks = [cell.peak_memory_bytes for cell in ran if cell.peak_memory_bytes is not None]
    bad = next((cell.status for cell in ran if cell.status != "ok"), None)
    return wire.ExecutionResponse(
        status=bad or ("ok" if len(ran) == len(request.cells) else "canceled"),
        cells=tuple(ran),
        duration_s=round(time.monotonic() - started, 4),
        peak_memory_bytes=max(peaks, default=None),
        runtime=ran[0].runtime if ran else "none",
        image=ran[0].image if ran else "",
    )
