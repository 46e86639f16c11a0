"""Run cells in sandboxes, and look after the runtimes that make them.

Generated code runs here or nowhere: there is no way from this file to a local kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import sysconfig
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Literal

from gptoss_lab.errors import ImageMissingError, SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.data import check_data
from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.sandbox.runtime import Runtime
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import (
    CellVerification,
    Environment,
    ExecutionRequest,
    LimitOverrides,
    SandboxImage,
    SandboxStatus,
)
from gptoss_lab.schemas.runs import ExecutionResponse
from gptoss_lab.schemas.sandboxes import Isolation, SandboxCapabilities
from gptoss_lab.services.capabilities import capabilities_of
from gptoss_lab.services.cell_runs import cell_bounds, skipped, verification
from gptoss_lab.services.inspection import inspect_in
from gptoss_lab.services.kernel_session import KernelSession
from gptoss_lab.services.kernel_specs import kernel_rules
from gptoss_lab.services.kernel_start import KERNELS, Wanted, start_session

STATUS_FRESH_S = 2.0
OFF = SandboxStatus(
    available=False,
    reason="the sandbox is turned off in the configuration",
    hint="Set the sandbox runtime to auto, docker or bubblewrap.",
)


class ExecutionService:
    """Runs cells in fresh sandboxes.

    Args:
        config: The administrator's choices; a request only narrows them.
        runtimes: The ways to isolate a kernel, the preferred one first.
    """

    def __init__(self, *, config: SandboxConfig, runtimes: Sequence[Runtime]) -> None:
        self._config = config
        self._runtimes = tuple(runtimes)
        self._slots = asyncio.Semaphore(config.max_sandboxes)
        self._environments: dict[str, Environment] = {}
        self._sessions: set[KernelSession] = set()
        self._known: dict[tuple[Language, Isolation], tuple[float, SandboxStatus]] = {}
        self._images: dict[Language, tuple[float, SandboxImage | None]] = {}
        self._asking = asyncio.Lock()

    @property
    def slots(self) -> asyncio.Semaphore:
        """The places for sandboxes that work; whoever runs one takes a place."""
        return self._slots

    async def status(
        self, language: Language = "python", isolation: Isolation | None = None
    ) -> SandboxStatus:
        """Say which runtime would run, so isolated or as configured, and whether its image is ready.

        Never raises.
        """
        asked = (language, isolation or self._config.isolation)
        async with self._asking:
            told_at, status = self._known.get(asked, (0.0, OFF))
            if time.monotonic() - told_at > STATUS_FRESH_S:
                status = await self._ask(*asked)
                self._known[asked] = (time.monotonic(), status)
            return status

    async def capabilities(self) -> SandboxCapabilities:
        """Say what sandboxes can do here; never raises."""
        languages: tuple[Language, ...] = ("python", "r")
        return capabilities_of(self._config, {name: await self.status(name) for name in languages})

    async def check_data(self, paths: Sequence[str]) -> None:
        """Refuse what no sandbox may be shown, before anything is started.

        Raises:
            PolicyError: It may not be shown.
            RequestError: Two of the paths have one name.
        """
        await asyncio.to_thread(check_data, paths, allowed=self._config.allow_data)

    async def ready(self, language: Language, isolation: Isolation | None = None) -> SandboxStatus:
        """Say which runtime runs, so isolated or as configured.

        Raises:
            SandboxUnavailableError: No runtime answers.
            ImageMissingError: The image was not built.
        """
        status = await self.status(language, isolation)
        if not status.available:
            raise SandboxUnavailableError(f"No sandbox can run here: {status.reason}", hint=status.hint)
        if not status.image_ready:
            raise ImageMissingError(status.reason or "The sandbox image is not built", hint=status.hint)
        return status

    async def run(self, request: ExecutionRequest) -> AsyncGenerator[tuple[int, CellVerification], None]:
        """Run the cells in order in one fresh sandbox; yield each with its number as it ends.

        Raises:
            SandboxUnavailableError: No runtime answers.
            ImageMissingError: The image was not built.
            PolicyError: The kernel is not a sandbox's, or the limits are wider than allowed.
            SandboxError: The sandbox did not start.
        """
        kernel = request.kernel or KERNELS[request.language]
        rules = await asyncio.to_thread(kernel_rules, kernel, self._config, request.limits)
        limits = rules.limits
        await self.ready(request.language, rules.isolation)
        async with self._slots:
            session = await start_session(Wanted(kernel, request.limits, data=request.data), self._config)
            self._sessions.add(session)
            try:
                if (ran_in := session.provisioner.environment) is not None:
                    self._environments[ran_in.image] = ran_in
                deadline = time.monotonic() + limits.wall_clock_s
                going = True
                for index, code in enumerate(request.sources):
                    if not going:
                        yield index, skipped(session)
                        continue
                    outputs = CellOutputs(max_bytes=limits.output_bytes, max_messages=limits.output_messages)
                    run = await session.run_cell(code, outputs, cell_bounds(limits, deadline))
                    peak = await session.peak_memory_bytes()
                    going = run.alive and time.monotonic() < deadline
                    going = going and (run.status == "ok" or not request.stop_on_error)
                    yield index, verification(session, run, peak, outputs.outputs())
            finally:
                await self._end(session)

    async def execute(self, request: ExecutionRequest) -> ExecutionResponse:
        """Run the cells and return all at once.

        Raises:
            SandboxError: As `run` does.
        """
        started = time.monotonic()
        async with contextlib.aclosing(self.run(request)) as runs:
            cells = [cell async for _, cell in runs]
        peaks = [cell.peak_memory_bytes for cell in cells if cell.peak_memory_bytes is not None]
        bad = [cell.status for cell in cells if cell.status not in {"ok", "skipped"}]
        return ExecutionResponse(
            status=bad[0] if bad else "ok",
            cells=tuple(cells),
            duration_s=time.monotonic() - started,
            peak_memory_bytes=max(peaks, default=None),
            runtime=cells[0].runtime,
            image=cells[0].image,
        )

    async def inspect(self, language: Language, script: str, payload: str, *, timeout_s: float = 30.0) -> str:
        """Run our own program in a fresh sandbox, given `payload`: see `inspection_cell`.

        Returns:
            What it answered.

        Raises:
            SandboxError: The sandbox did not start, or the program failed, was too slow or too wordy.
        """
        await self.ready(language)
        async with self._slots:
            wanted = Wanted(KERNELS[language], LimitOverrides(), purpose="inspect")
            session = await start_session(wanted, self._config)
            self._sessions.add(session)
            try:
                return await inspect_in(session, language, script, payload, timeout_s=timeout_s)
            finally:
                await self._end(session)

    async def packages(self, language: Language) -> dict[str, str]:
        """Return what the sandbox holds, with versions; empty where there is none."""
        found = await self.image(language)
        return dict(found.packages) if found else {}

    async def image(self, language: Language) -> SandboxImage | None:
        """Return the image that a sandbox of that language runs in unless another is named."""
        told_at, image = self._images.get(language, (0.0, None))
        if time.monotonic() - told_at > STATUS_FRESH_S:
            found = await self._choose(language)
            image = found[1] if found else None
            self._images[language] = (time.monotonic(), image)
        return image

    def forget_images(self) -> None:
        """Ask anew which images there are, when somebody wants to know."""
        self._known.clear()
        self._images.clear()

    def environment(self, image: str) -> Environment | None:
        """Return what an image holds in which cells were run here; None for another."""
        return self._environments.get(image)

    async def library_roots(self) -> list[tuple[Path, Literal["sandbox", "server"]]]:
        """Return the folders of installed packages: the sandbox's first, then the server's own."""
        roots: list[tuple[Path, Literal["sandbox", "server"]]] = []
        found = await self._choose("python")
        if found and found[1] and (root := await found[0].library_root(found[1])) is not None:
            roots.append((root, "sandbox"))
        own = dict.fromkeys(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
        return [*roots, *((path, "server") for path in own)]

    async def images(self) -> list[SandboxImage]:
        """List the images of every runtime that answers."""
        found: list[SandboxImage] = []
        for runtime in self._runtimes:
            with contextlib.suppress(SandboxUnavailableError):
                found += await runtime.images()
        return found

    async def reap(self) -> int:
        """Remove what dead servers of ours left behind; return how many sandboxes that was."""
        removed = 0
        for runtime in self._runtimes:
            with contextlib.suppress(SandboxUnavailableError):
                removed += await runtime.reap()
        return removed

    async def close(self) -> None:
        """End every sandbox, then the runtimes."""
        await asyncio.gather(*(session.close() for session in list(self._sessions)))
        await asyncio.gather(*(runtime.close() for runtime in self._runtimes))

    async def _end(self, session: KernelSession) -> None:
        self._sessions.discard(session)
        await session.close()

    async def _ask(self, language: Language, isolation: Isolation) -> SandboxStatus:
        refused: list[SandboxStatus] = []
        for runtime in self._allowed():
            try:
                status = await runtime.status(language, isolation)
            except SandboxError as error:
                status = SandboxStatus(available=False, reason=error.message, hint=error.hint)
            if status.available:
                return status
            refused.append(status)
        return _refusal(refused)

    async def _choose(self, language: Language) -> tuple[Runtime, SandboxImage | None] | None:
        for runtime in self._allowed():
            with contextlib.suppress(SandboxError):
                if (await runtime.status(language, self._config.isolation)).available:
                    return runtime, await runtime.find_image(language)
        return None

    def _allowed(self) -> list[Runtime]:
        wanted = self._config.runtime
        return [runtime for runtime in self._runtimes if wanted in {"auto", runtime.name}]


def _refusal(refused: Sequence[SandboxStatus]) -> SandboxStatus:
    """Join what every runtime said into one answer."""
    if not refused:
        return OFF
    return SandboxStatus(
        available=False,
        reason="; ".join(dict.fromkeys(status.reason for status in refused if status.reason)),
        hint=" Or: ".join(dict.fromkeys(status.hint for status in refused if status.hint)),
    )
