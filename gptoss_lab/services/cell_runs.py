"""What a cell may take, and how it did, as the wire carries it."""

from __future__ import annotations

import time
from typing import Any

from gptoss_lab.schemas.execution import CellVerification, Limits
from gptoss_lab.services.kernel_messages import CellRun
from gptoss_lab.services.kernel_session import Bounds, KernelSession


def cell_bounds(limits: Limits, deadline: float) -> Bounds:
    """Return what the next cell may take: the wall clock bounds all cells together."""
    left_s = max(0.0, deadline - time.monotonic())
    return Bounds(min(limits.cell_timeout_s, left_s), limits.output_bytes, limits.output_messages)


def skipped(session: KernelSession) -> CellVerification:
    """Return what is said of a cell that was not run."""
    place = session.provisioner
    return CellVerification(
        status="skipped",
        runtime=place.runtime_name,
        isolation=place.isolation,
        image=place.image,
        data=place.data,
    )


def verification(
    session: KernelSession, run: CellRun, peak: int | None, outputs: tuple[dict[str, Any], ...] = ()
) -> CellVerification:
    """Return how a cell did, as the wire carries it."""
    place = session.provisioner
    return CellVerification(
        status=run.status,
        duration_s=run.duration_s,
        peak_memory_bytes=peak,
        execution_count=run.execution_count,
        outputs=outputs,
        error=run.error,
        truncated=run.outputs.truncated,
        runtime=place.runtime_name,
        isolation=place.isolation,
        image=place.image,
        data=place.data,
    )
