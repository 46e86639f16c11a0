"""The model that this process hosts: prepared, started, watched and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast, get_args

from gptoss_lab.engines.launch import Endpoint
from gptoss_lab.errors import (
    ConflictError,
    EngineLoadError,
    EngineNotReadyError,
    GptossError,
    StorageError,
)
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import (
    LOADING,
    EngineFailure,
    EngineMemory,
    EnginePhase,
    EngineProgress,
    FailureCode,
)
from gptoss_lab.services.model_ports import ModelParts, Prepared, Supervisor
from gptoss_lab.services.model_words import progress_words
from gptoss_lab.services.problems import typed

LOG = logging.getLogger(__name__)
_CODES = frozenset(get_args(FailureCode))


@dataclass(frozen=True, slots=True)
class HostedView:
    """How the hosted model stands, before it has a process and after."""

    phase: EnginePhase
    progress: EngineProgress | None = None
    failure: EngineFailure | None = None
    memory: EngineMemory = field(default_factory=EngineMemory)
    version: str = ""
    restarts: int = 0
    ready_at: str = ""


class HostedModel:
    """One engine as a child of this process. All methods belong to one event loop.

    Args:
        config: The model's configuration.
        parts: What it is put together from.
    """

    def __init__(self, config: ModelConfig, parts: ModelParts) -> None:
        self.prepared: Prepared | None = None
        self.wanted = False
        self._config = config
        self._parts = parts
        self._supervisor: Supervisor | None = None
        self._work: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._began_at = 0.0
        self._before = HostedView("stopped")

    @property
    def view(self) -> HostedView:
        """How it stands now. Reads memory only."""
        if self._supervisor is None:
            return self._before
        status = self._supervisor.status
        phase: EnginePhase = "draining" if self._stopping and status.phase != "stopped" else status.phase
        return HostedView(
            phase=phase,
            progress=status.progress,
            failure=status.failure,
            memory=status.memory,
            version=status.version,
            restarts=status.restarts,
            ready_at=status.ready_at,
        )

    @property
    def endpoint(self) -> Endpoint | None:
        """Where it answers; None while it does not."""
        return self._supervisor.endpoint if self._supervisor is not None else None

    @property
    def phase(self) -> EnginePhase:
        """How far it has come."""
        return self.view.phase

    def start(self) -> None:
        """Begin to bring it up unless that is under way or done; what fails is told by the view.

        Raises:
            ConflictError: It is being stopped.
        """
        if self._stopping is not None:
            raise ConflictError("The model is being stopped.", hint="Start it when it has stopped.")
        self.wanted = True
        if self._work is not None and not self._work.done():
            return
        if self._supervisor is not None and self.phase not in {"stopped", "failed"}:
            return
        self._began_at = time.monotonic()
        self._note("resolving", EngineProgress())
        self._work = asyncio.get_running_loop().create_task(self._bring_up(self._supervisor))
        self._supervisor = None

    async def stop(self) -> None:
        """End a start at any phase, or let the engine finish what it answers and end it."""
        self.wanted = False
        if self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_task(self._take_down())
            self._stopping.add_done_callback(self._stopped)
        await asyncio.shield(self._stopping)

    async def close(self) -> None:
        """End it now; called when the process that hosts it ends."""
        self.wanted = False
        await self._abandon()
        if self._supervisor is not None:
            await self._supervisor.close()

    async def ready(self, timeout_s: float) -> Endpoint:
        """Wait until it answers; one that stopped because it was idle is started again.

        Raises:
            EngineLoadError: It could not be brought up.
            EngineNotReadyError: It was not started, or the time is over.
        """
        if self._stopping is not None:
            raise EngineNotReadyError("The model is being stopped.")
        if not self.wanted and self._config.start != "on_demand":
            raise EngineNotReadyError("The model is not started.")
        if self.phase == "failed":
            raise self._load_error()
        self.start()
        until = time.monotonic() + timeout_s
        if self._work is not None:
            await asyncio.wait({self._work}, timeout=timeout_s)
            if not self._work.done():
                raise EngineNotReadyError(
                    f"The model is still {progress_words(self.phase, self.view.progress)}."
                )
        if self._supervisor is None:
            raise self._load_error()
        return await self._supervisor.ready(max(0.0, until - time.monotonic()))

    def logs(self) -> tuple[str, ...]:
        """Return the engine's last lines; those of a failed preparation are in its failure."""
        return self._supervisor.logs() if self._supervisor is not None else ()

    @contextlib.contextmanager
    def using(self) -> Iterator[Callable[[], None]]:
        """Count a request that is in flight; what it gives is called for each sign of life."""
        if self._supervisor is None:
            yield _nothing
            return
        with self._supervisor.using() as beat:
            yield beat

    async def suspect(self) -> None:
        """Look at once whether it lives."""
        if self._supervisor is not None:
            await self._supervisor.suspect()

    async def _bring_up(self, former: Supervisor | None) -> None:
        try:
            if former is not None:
                await former.close()
            self.prepared = await self._parts.prepare(self._report)
            supervisor = self._parts.supervise(self.prepared)
            supervisor.start()
            self._supervisor = supervisor
        except GptossError as error:
            self._fail(error)
        except OSError as error:
            self._fail(typed(error))
        except Exception:  # a fault of ours must not leave a start without an end
            LOG.exception("The model could not be prepared")
            self._fail(GptossError("The start failed because of a fault in gptoss_lab."))

    async def _take_down(self) -> None:
        await self._abandon()
        if self._supervisor is not None:
            await self._supervisor.stop()
        self._before = HostedView("stopped")

    async def _abandon(self) -> None:
        """Cancel a preparation."""
        if self._work is not None and not self._work.done():
            self._work.cancel()
            await asyncio.wait({self._work})
            self._before = HostedView("stopped")

    def _stopped(self, task: asyncio.Task[None]) -> None:
        self._stopping = None
        if not task.cancelled() and task.exception() is not None:
            LOG.error("The model did not stop cleanly", exc_info=task.exception())

    def _report(self, phase: EnginePhase, progress: EngineProgress) -> None:
        self._note(phase, progress)

    def _note(self, phase: EnginePhase, progress: EngineProgress) -> None:
        elapsed_s = progress.elapsed_s or time.monotonic() - self._began_at
        self._before = HostedView(phase, progress.model_copy(update={"elapsed_s": elapsed_s}))

    def _fail(self, error: GptossError) -> None:
        failure = EngineFailure(
            phase=self._before.phase, code=_code(error), message=error.message, hint=error.hint
        )
        self._before = HostedView("failed", failure=failure)

    def _load_error(self) -> GptossError:
        failure = self.view.failure
        if failure is None:
            return EngineNotReadyError("The model was stopped before it was ready.")
        return EngineLoadError(failure.message, reason=failure.code, hint=failure.hint)


def is_loading(phase: EnginePhase) -> bool:
    """Say whether the model will be there by itself."""
    return phase in LOADING or phase in {"restarting", "sleeping"}


def _code(error: GptossError) -> FailureCode:
    reason: str = getattr(error, "reason", "")
    if reason in _CODES:
        return cast("FailureCode", reason)
    return "no_disk" if isinstance(error, StorageError) else "crashed"


def _nothing() -> None:
    """Note no sign of life: there is nobody who waits for it."""
