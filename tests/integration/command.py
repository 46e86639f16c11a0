"""`jupyter gptoss` as a person starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.integration.station import Station

LIMIT_S = 150.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. `said` is standard error, `out` standard output."""

    code: int
    out: str
    said: str
    duration_s: float


async def command(
    station: Station, *words: str, stdin: bytes = b"", before: str = "", limit_s: float = LIMIT_S
) -> Ended:
    """Run `jupyter gptoss` to its end.

    Args:
        station: Where it runs.
        words: What follows `jupyter gptoss`.
        stdin: What it can read.
        before: What a shell does before it, such as a limit.
        limit_s: The test fails when it takes longer.
    """
    began = time.monotonic()
    async with started(station, *words, before=before) as process:
        out, said = await asyncio.wait_for(process.communicate(stdin), limit_s)
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), said.decode(), time.monotonic() - began)


@contextlib.asynccontextmanager
async def started(
    station: Station, *words: str, before: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `jupyter gptoss` and end it when the test is through with it."""
    program = ("jupyter", "gptoss", *words)
    if before:
        program = ("sh", "-c", f'{before}; exec "$@"', "sh", *program)
    process = await asyncio.create_subprocess_exec(
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=station.folder,
        env=station.environment(),
        start_new_session=True,
    )
    try:
        with station.watched(process.pid):
            yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
