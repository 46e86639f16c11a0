"""Kernel sessions without a kernel: a cell does what its own text says."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

from gptoss_lab.errors import SandboxLostError
from gptoss_lab.sandbox.files import OpenFile
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.execution import Environment, Limits, RunStatus
from gptoss_lab.schemas.sandboxes import SandboxFile, SandboxFiles
from gptoss_lab.services.kernel_messages import CellRun, Outputs
from gptoss_lab.services.kernel_session import Bounds
from gptoss_lab.services.kernel_start import Wanted


class PlayedFolder:
    """A working folder in memory."""

    def __init__(self) -> None:
        self.written: dict[str, bytes] = {}

    async def write_file(self, path: str, content: bytes) -> None:
        """Keep a file."""
        self.written[path] = content

    async def read_file(self, path: str, max_bytes: int) -> bytes:
        """Return a file."""
        return self.written[path][:max_bytes]

    @asynccontextmanager
    async def open_file(self, path: str) -> AsyncIterator[OpenFile]:
        """Open a file, which comes a byte at a time."""
        content = self.written[path]
        yield OpenFile(path, len(content), self._chunks(content))

    async def _chunks(self, content: bytes) -> AsyncGenerator[bytes, None]:
        for place in range(len(content)):
            yield content[place : place + 1]

    async def list_files(self) -> SandboxFiles:
        """List what was written."""
        files = (SandboxFile(path=path, size_bytes=len(content)) for path, content in self.written.items())
        return SandboxFiles(files=tuple(files))


INSPECTION = 'jsonlite::base64_dec("'


class PlayedProvisioner:
    """What a session's provisioner knows."""

    runtime_name = "bubblewrap"
    isolation = "none, a fake"
    data: tuple[str, ...] = ()
    was_warm = False
    environment = Environment(runtime="bubblewrap", image="played", tag="python:1", packages={"numpy": "2.0"})

    def __init__(self, image: str, limits: Limits) -> None:
        self.image = image or "image"
        self.resolved_limits = limits
        self.folder = PlayedFolder()
        self.exit: Exit | None = None
        self.ended = asyncio.Event()

    @property
    def files(self) -> PlayedFolder:
        """The working folder."""
        if self.exit is not None:
            raise SandboxLostError("It has ended")
        return self.folder

    async def kill(self) -> None:
        """End."""
        self.exit = self.exit or Exit(137, reason="killed")
        self.ended.set()


class PlayedSession:
    """Cells: `say X` prints, `fail` raises, `hang` runs until it is stopped, `die` ends the kernel.

    A check of R finds fault with cells that end in `(`. Any other cell does nothing. `overlaps`
    counts cells that ran while another one did.
    """

    refuses_inspection = False

    def __init__(self, number: int, wanted: Wanted, limits: Limits) -> None:
        self.id = f"sandbox-{number}"
        self.wanted = wanted
        self.closed = False
        self.hanging = asyncio.Event()
        self.stops: list[RunStatus] = []
        self.ran: list[str] = []
        self.bounds: list[Bounds] = []
        self.overlaps = 0
        self.provisioner = PlayedProvisioner(wanted.image, limits)
        self._stopped = asyncio.Event()
        self._busy = False

    @property
    def alive(self) -> bool:
        """Say whether nobody ended it."""
        return self.provisioner.exit is None

    async def run_cell(
        self, code: str, outputs: Outputs, bounds: Bounds, *, told: Callable[[], None] = lambda: None
    ) -> CellRun:
        """Do what the cell says."""
        self.overlaps += self._busy
        self._busy = True
        self.ran.append(code)
        self.bounds.append(bounds)
        run = CellRun("ok", outputs, execution_count=len(self.ran))
        await asyncio.sleep(0)
        if INSPECTION in code and self.refuses_inspection:
            run.status, run.error = "error", "no jsonlite here"
        elif INSPECTION in code:
            outputs.add("stream", {"name": "stdout", "text": _inspected(code)})
        elif code.startswith("say "):
            outputs.add("stream", {"name": "stdout", "text": code.removeprefix("say ")})
            told()
        elif code == "fail":
            run.status, run.error = "error", "ValueError: no"
            outputs.add("error", {"ename": "ValueError", "evalue": "no", "traceback": ["no"]})
        elif code == "hang":
            self.hanging.set()
            await self._stopped.wait()
            run.status = self.stops[0]
        elif code == "die":
            run.status, run.alive = "died", False
            await self.provisioner.kill()
        self._busy = False
        return run

    async def stop(self, status: RunStatus) -> None:
        """Interrupt."""
        self.stops.append(status)
        self._stopped.set()

    async def discard(self) -> None:
        """Wait for the end."""
        await self.provisioner.ended.wait()

    async def peak_memory_bytes(self) -> int | None:
        """Return a figure that grows with each cell."""
        return len(self.ran) << 20

    async def close(self) -> None:
        """End."""
        await self.provisioner.kill()
        self.closed = True


class PlayedStarts:
    """Starts sessions, and remembers them; `hold` keeps a start from coming to its end."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.sessions: list[PlayedSession] = []
        self.failure: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.holding = asyncio.Event()

    async def __call__(self, wanted: Wanted) -> PlayedSession:
        """Start a session."""
        self.holding.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.failure:
            raise self.failure
        limits = self.limits.model_copy(update=wanted.limits.model_dump(exclude_none=True))
        session = PlayedSession(len(self.sessions) + 1, wanted, limits)
        self.sessions.append(session)
        return session


def _inspected(code: str) -> str:
    """Answer as the R program of the checks does."""
    payload = code.partition(INSPECTION)[2].partition('"')[0]
    cells = json.loads(base64.b64decode(payload))["cells"]
    told = {True: "<text>:2:0: unexpected end of input", False: None}
    answer = [{"id": cell["id"], "problem": told[cell["source"].endswith("(")]} for cell in cells]
    return base64.b64encode(json.dumps({"cells": answer}).encode()).decode()
