"""The supervisor of a hosted engine: it starts it, knows how it is, and starts it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from gptoss_lab.engines.board import StatusBoard
from gptoss_lab.engines.hosting import Hosting
from gptoss_lab.engines.launch import Endpoint, EngineLauncher, EngineSetting
from gptoss_lab.engines.life import EngineLife
from gptoss_lab.engines.start_history import StartHistory
from gptoss_lab.engines.status import EngineStatus, Patience
from gptoss_lab.errors import EngineLoadError, EngineNotReadyError
from gptoss_lab.schemas.model import SERVING, EngineFailure, EngineMemory, FailureCode

_IN_VAIN: frozenset[FailureCode] = frozenset({
    "no_disk",
    "gated_or_offline",
    "wrong_revision",
    "corrupt_weights",
    "bad_flag",
    "engine_missing",
    "version_too_old",
    "no_amx_mxfp4",
    "no_hardware",
    "driver",
    "refused_key",
})


class EngineSupervisor:
    """Keeps one engine. All methods belong to one event loop, which is never blocked.

    A start that fails is the person's to repeat; an engine that had served and went away is started
    again, after a while that grows, and given up after as many failures in a row.

    Args:
        launcher: Knows the engine.
        setting: How it is started.
        folder: Where the durations of its starts are remembered.
        on_change: Called with each new status, from the event loop.
        idle_stop_s: Stop it, or with `setting.sleep` put it to sleep, after so long without a request;
            0 never.
        patience: How long it waits for what.
    """

    def __init__(
        self,
        launcher: EngineLauncher,
        setting: EngineSetting,
        *,
        folder: Path,
        on_change: Callable[[EngineStatus], None],
        idle_stop_s: float = 0.0,
        patience: Patience | None = None,
    ) -> None:
        self._hosting = Hosting(launcher, setting, StartHistory(folder), patience or Patience(), idle_stop_s)
        self._board = StatusBoard(on_change)
        self._stopping = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._look: asyncio.Task[bool] | None = None
        self._life: EngineLife | None = None
        self._again = False
        self._closed = False

    @property
    def status(self) -> EngineStatus:
        """The engine now."""
        return self._board.status

    @property
    def setting(self) -> EngineSetting:
        """What it is started with."""
        return self._hosting.setting

    @property
    def endpoint(self) -> Endpoint | None:
        """Where it answers; None while it does not serve."""
        return self._life.endpoint if self._life and self.status.phase in SERVING else None

    def logs(self) -> tuple[str, ...]:
        """Return its last lines, oldest first; of the last life where it is not running."""
        return self._life.log.lines if self._life else ()

    def using(self) -> AbstractContextManager[Callable[[], None]]:
        """Say that a request is with it, for as long as the block lasts.

        What the block gets may be called for each token that came: an engine that is slow but gives
        tokens is then not taken for a hung one.
        """
        return self._board.using()

    def start(self) -> None:
        """Start it; nothing happens where it is starting or serving. It returns at once.

        Raises:
            EngineNotReadyError: The server is shutting down.
        """
        if self._closed:
            raise EngineNotReadyError("The server is shutting down")
        if self._runner is None or self._runner.done():
            self._begin()
        elif self._stopping.is_set() or self.status.phase == "draining":
            self._again = True

    async def ready(self, timeout_s: float) -> Endpoint:
        """Wait until it serves; one that sleeps is woken, one that is stopped is not started.

        Raises:
            EngineLoadError: It could not be brought up.
            EngineNotReadyError: It is stopped, or not ready in time.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + timeout_s
        while True:
            endpoint = self.endpoint
            if endpoint is not None:
                return endpoint
            self._raise_if_gone()
            if self._life and self._life.watch and self.status.phase == "sleeping":
                self._life.watch.wake()
            left_s = until_s - loop.time()
            if left_s <= 0:
                raise EngineNotReadyError(
                    f"The model is not ready yet: {self.status.phase.replace('_', ' ')}"
                )
            await self._board.changed(left_s)

    async def stop(self) -> None:
        """Stop it when its requests have ended, or their time is over; a failure is forgotten."""
        self._again = False
        if self._runner and not self._runner.done():
            self._stopping.set()
            await asyncio.wait({self._runner})
        if self._runner is None or self._runner.done():
            self._board.put(phase="stopped", progress=None, failure=None)

    async def close(self) -> None:
        """End it within seconds, at whatever it was, for good."""
        self._closed = True
        self._again = False
        self._stopping.set()
        if self._life:
            self._life.drop()
        tasks = {task for task in (self._runner, self._look) if task}
        if self._look:
            self._look.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def suspect(self) -> bool:
        """Look at once whether it lives, after a request met a fault; say whether it does.

        One that is dead or hung is ended and started again: `ready` then waits for that.
        """
        watch = self._life.watch if self._life else None
        if watch is None or self.status.phase not in SERVING:
            return False
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(watch.lives(), name="engine-look")
        await asyncio.wait({self._look})
        return not self._look.cancelled() and self._look.result()

    async def metrics(self) -> str:
        """Return its metrics in Prometheus' text format; empty while it does not serve."""
        probe = self._life.probe if self._life and self.endpoint else None
        return await probe.metrics(self._hosting.patience.health_s) if probe else ""

    def _begin(self) -> None:
        self._again = False
        self._stopping.clear()
        self._board.put(
            phase="starting", progress=None, failure=None, memory=EngineMemory(), restarts=0, ready_at=""
        )
        self._runner = asyncio.create_task(self._run(), name="engine-supervisor")
        self._runner.add_done_callback(self._over)

    async def _run(self) -> None:
        """Give it one life after another, until it is stopped or not worth another."""
        row = 0
        served = False
        while not self._stopping.is_set():
            self._life = EngineLife(self._hosting, self._board, self._stopping)
            failure = await self._life.run()
            served = served or self._life.served_s > 0
            row = 1 if self._life.served_s >= self._hosting.patience.settled_s else row + 1
            if failure is None:
                break
            if not served or failure.code in _IN_VAIN or row > len(self._hosting.patience.backoff_s):
                self._give_up(failure, row)
                return
            await self._pause(failure, row)
        self._board.put(phase="stopped", progress=None, failure=None)

    async def _pause(self, failure: EngineFailure, row: int) -> None:
        """Wait before the next life, unless it is stopped meanwhile."""
        restarts = self.status.restarts + 1
        self._board.put(phase="restarting", progress=None, failure=failure, restarts=restarts, ready_at="")
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({stopping}, timeout=self._hosting.patience.backoff_s[row - 1])
        finally:
            stopping.cancel()
        if not self._stopping.is_set():
            self._board.put(phase="starting", memory=EngineMemory())

    def _give_up(self, failure: EngineFailure, row: int) -> None:
        if row > 1:
            message = f"{failure.message} It was started again {row - 1} times in a row, in vain."
            failure = failure.model_copy(update={"message": message})
        self._board.put(phase="failed", progress=None, failure=failure, ready_at="")

    def _over(self, runner: asyncio.Task[None]) -> None:
        """Start again what was asked for while it stopped; show a fault of our own as a failure."""
        error = None if runner.cancelled() else runner.exception()
        if error is not None:
            failure = EngineFailure(
                phase=self.status.phase,
                code="crashed",
                message=f"The supervisor met a fault of its own: {type(error).__name__}: {error}",
                hint="Start the model again, and report this with the server's log.",
            )
            self._give_up(failure, 1)
            asyncio.get_running_loop().call_exception_handler({
                "message": "The engine's supervisor failed",
                "exception": error,
                "task": runner,
            })
        if self._again and not self._closed:
            self._begin()

    def _raise_if_gone(self) -> None:
        failure = self.status.failure
        if self.status.phase == "failed" and failure:
            raise EngineLoadError(failure.message, reason=failure.code, hint=failure.hint)
        if self.status.phase in {"stopped", "unconfigured"} and not self._again:
            raise EngineNotReadyError("The model is not started")
