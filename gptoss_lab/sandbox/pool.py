"""Started kernels that wait for their single use.

A kernel is handed to the first start that asks for exactly what it is; it is never given back. Where
anything differs (the image, a limit that the runtime holds, the isolation, what it sees of a person's
data) the start is a cold one. Only sandboxes of this process, on this event loop, are handed over.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo

from gptoss_lab.errors import GptossError
from gptoss_lab.sandbox.running import RunningKernel
from gptoss_lab.sandbox.runtime import LaunchSpec, Runtime
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import Limits, RuntimeName

LOG = logging.getLogger(__name__)

REFILL_AFTER_S = 1.0
HELD_BY_RUNTIME = ("memory_bytes", "cpus", "pids", "disk_bytes", "wall_clock_s")
"""Limits that are part of a started sandbox. The others hold from outside, and are set when it is claimed."""
MEMINFO = Path("/proc/meminfo")
SPARE_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a start and a warm kernel must have in common, all of it."""

    runtime: RuntimeName
    host: str
    spec: LaunchSpec

    @classmethod
    def of(cls, spec: LaunchSpec, runtime: RuntimeName, host: str) -> Likeness:
        """Return the likeness of a start: all that was asked for but its name and its keys."""
        held = {name: getattr(spec.limits, name) for name in HELD_BY_RUNTIME}
        plain = replace(
            spec,
            sandbox_id="",
            connection_info={},
            argv=tuple(spec.argv),
            env=dict(spec.env),
            limits=Limits().model_copy(update=held),
        )
        return cls(runtime, host, plain)

    def is_outdated_by(self, other: Likeness) -> bool:
        """Say whether only the image differs: the other start knows a newer one."""
        newer = replace(self.spec, image_id=other.spec.image_id)
        return self != other and replace(self, spec=newer) == other


@dataclass(eq=False, slots=True)
class WarmKernel:
    """A started kernel with all that belongs to it; whoever holds it must release it."""

    kernel: RunningKernel
    likeness: Likeness
    folder: Path
    info: KernelConnectionInfo
    runtimes: tuple[Runtime, ...]
    language: Language = "python"

    async def close(self) -> None:
        """End it and release everything."""
        await self.kernel.close()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)
        for runtime in self.runtimes:
            await runtime.close()


class WarmPool:
    """Keeps so many warm kernels, from the first use of any sandbox until nobody has used one for long.

    Args:
        sizes: How many of each language.
        start: Starts one, tried out; it is nobody's yet.
        memory_bytes: What one may take; while this machine has no room for several, none is started.
    """

    def __init__(
        self,
        sizes: Mapping[Language, int],
        start: Callable[[Language], Awaitable[WarmKernel]],
        *,
        memory_bytes: int,
    ) -> None:
        self._sizes = dict(sizes)
        self._start = start
        self._memory_bytes = memory_bytes
        self._ready: list[WarmKernel] = []
        self._news = asyncio.Event()
        self._awake = False
        self._filling: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watches: dict[WarmKernel, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """How many kernels wait."""
        return len(self._ready)

    def open(self) -> None:
        """Begin to serve the starts of this process, on the running loop. Nothing is started yet.

        Idempotent.
        """
        global _serving  # noqa: PLW0603 - one pool serves a process, as one registry lists its sandboxes
        if self._filling is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._filling = asyncio.create_task(self._fill_forever(), name="warm-pool")
        _serving = self

    async def close(self) -> None:
        """End what waits, and serve no more. Idempotent."""
        global _serving  # noqa: PLW0603 - as above
        if _serving is self:
            _serving = None
        self._awake = False
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        while self._ready:
            self._drop(self._ready[0], "the server stops")
        while self._leaving:
            await asyncio.gather(*self._leaving, return_exceptions=True)

    def wake(self) -> None:
        """Have kernels ready from now on: one will be needed soon. Nothing happens before `open`."""
        if self._loop is not None and any(self._sizes.values()):
            self._awake = True
            self._news.set()

    def claim(self, likeness: Likeness) -> WarmKernel | None:
        """Hand over a kernel that is just what a start asks for; None when there is none."""
        if self._loop is not asyncio.get_running_loop():
            return None
        self.wake()
        for warm in list(self._ready):
            if warm.likeness.is_outdated_by(likeness):
                self._drop(warm, "there is a newer image")
        for warm in self._ready:
            if warm.likeness == likeness and warm.kernel.exit is None:
                self._ready.remove(warm)
                self._watches.pop(warm).cancel()
                return warm
        return None

    async def _fill_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            # Whoever has just claimed one runs something now, and should not share the processor.
            await asyncio.sleep(REFILL_AFTER_S)
            try:
                await self._fill()
            except GptossError as error:
                self._awake = False  # until the next start, which says what is wrong
                LOG.info("no kernel is kept warm: %s", error.message)

    async def _fill(self) -> None:
        for language, size in self._sizes.items():
            while self._awake and self._count(language) < size:
                if not has_memory(SPARE_FACTOR * self._memory_bytes):
                    LOG.info("no kernel is kept warm: this machine is short of memory")
                    return
                self._keep(await self._start(language))

    def _count(self, language: Language) -> int:
        return sum(warm.language == language for warm in self._ready)

    def _keep(self, warm: WarmKernel) -> None:
        warm.kernel.overdue = lambda: self._sleep(warm)
        self._ready.append(warm)
        watch = asyncio.create_task(self._when_ended(warm), name=f"warm-{warm.kernel.record.id}")
        self._watches[warm] = watch

    async def _when_ended(self, warm: WarmKernel) -> None:
        """Take one out that ends while it waits."""
        await warm.kernel.wait()
        self._drop(warm, "it ended")
        self._news.set()

    def _sleep(self, warm: WarmKernel) -> None:
        """Nobody has used a sandbox for as long as one may be idle: give the memory back."""
        self._awake = False
        self._drop(warm, "nobody needed it")

    def _drop(self, warm: WarmKernel, why: str) -> None:
        LOG.debug("the warm sandbox %s is ended: %s", warm.kernel.record.id, why)
        if warm not in self._ready:
            return
        self._ready.remove(warm)
        self._watches.pop(warm).cancel()
        leaving = asyncio.create_task(warm.close(), name=f"cool-{warm.kernel.record.id}")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


_serving: WarmPool | None = None


def claim(likeness: Likeness) -> WarmKernel | None:
    """Ask this process's pool for a kernel, where there is a pool."""
    return None if _serving is None else _serving.claim(likeness)


def has_memory(wanted_bytes: int, meminfo: Path = MEMINFO) -> bool:
    """Say whether this machine has so much memory free; where that is not told it has."""
    try:
        rows = meminfo.read_text().splitlines()
    except OSError:
        return True
    free = next((int(row.split()[1]) << 10 for row in rows if row.startswith("MemAvailable:")), None)
    return free is None or free >= wanted_bytes
