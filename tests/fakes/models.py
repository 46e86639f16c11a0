"""A model that loads, answers and fails when a test says so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gptoss_lab.engines.base import ChatDelta, ChatRequest, ContentDelta, Finished
from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.errors import EngineLoadError, EngineNotReadyError, GptossError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import (
    EngineFailure,
    EngineMemory,
    EngineMetrics,
    EnginePhase,
    EngineProgress,
    FailureCode,
    FoundServer,
    Hardware,
    ModelPlan,
)
from gptoss_lab.services.model_ports import Prepared, Report

ENDPOINT = Endpoint(Path("/run/engine.sock"), "gpt-oss-20b", "secret")
SETTING = EngineSetting(Path("/venv/bin/python"), Path("/weights"), "gpt-oss-20b", max_model_len=4096)
PREPARED = Prepared("vllm", SETTING, "openai/gpt-oss-20b", "abc")
OLLAMA = FoundServer(name="Ollama", url="http://127.0.0.1:11434/v1", models=("gpt-oss:20b",))


def failure(code: FailureCode = "crashed", message: str = "It ended.", hint: str = "Look.") -> EngineFailure:
    """Return why an engine is not there."""
    return EngineFailure(phase="starting", code=code, message=message, hint=hint, log_tail=("last words",))


@dataclass(frozen=True)
class FakeStatus:
    """How it stands."""

    phase: EnginePhase = "stopped"
    progress: EngineProgress | None = None
    failure: EngineFailure | None = None
    memory: EngineMemory = field(default_factory=EngineMemory)
    version: str = "0.32.0"
    restarts: int = 0
    ready_at: str = ""


class FakeSupervisor:
    """An engine whose phases a test sets."""

    def __init__(self) -> None:
        self.status = FakeStatus()
        self.told: list[str] = []
        self.in_flight = 0
        self.beats = 0
        self.on_suspect: Callable[[], None] = lambda: None
        self.hold_stop: asyncio.Event | None = None

    def reach(self, phase: EnginePhase, *, percent: float | None = None, left_s: float | None = None) -> None:
        """Come to a phase."""
        progress = EngineProgress(percent=percent, remaining_s=left_s) if percent is not None else None
        ready_at = "2026-01-02T03:04:05+00:00" if phase == "ready" else ""
        self.status = replace(self.status, phase=phase, progress=progress, ready_at=ready_at, failure=None)

    def fail(self, why: EngineFailure) -> None:
        """End."""
        self.status = replace(self.status, phase="failed", failure=why, progress=None)

    def start(self) -> None:
        """Begin unless it runs."""
        self.told.append("start")
        if self.status.phase in {"stopped", "failed"}:
            self.reach("starting", percent=10)

    async def ready(self, timeout_s: float) -> Endpoint:
        """Wait until a test says that it is ready."""
        until = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < until:
            status = self.status
            if status.phase in {"ready", "busy"}:
                return ENDPOINT
            if status.failure is not None:
                raise EngineLoadError(status.failure.message, reason=status.failure.code)
            if status.phase == "stopped":
                raise EngineNotReadyError("It was stopped.")
            await asyncio.sleep(0.005)
        raise EngineNotReadyError("It takes too long.")

    async def stop(self) -> None:
        """Drain."""
        self.told.append("stop")
        self.reach("draining")
        if self.hold_stop is not None:
            await self.hold_stop.wait()
        self.reach("stopped")

    async def close(self) -> None:
        """End now."""
        self.told.append("close")
        self.reach("stopped")

    def logs(self) -> tuple[str, ...]:
        """Return its lines."""
        return ("INFO loading", "INFO ready")

    @contextlib.contextmanager
    def using(self) -> Iterator[Callable[[], None]]:
        """Count."""
        self.in_flight += 1
        try:
            yield self._beat
        finally:
            self.in_flight -= 1

    def _beat(self) -> None:
        self.beats += 1

    @property
    def endpoint(self) -> Endpoint | None:
        """Where it answers."""
        return ENDPOINT if self.status.phase in {"ready", "busy"} else None

    async def suspect(self) -> None:
        """Look."""
        self.told.append("suspect")
        self.on_suspect()


class FakeEngine:
    """Answers with pieces, then fails or ends."""

    name = "fake"

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.model = config.name
        self.is_known = True
        self.context_tokens: int | None = 4096
        self.caches_prefixes = True
        self.pieces: Sequence[str] = ("```python\nx = 1\n```\n",)
        self.error: Exception | None = None
        self.models_hold: asyncio.Event | None = None
        self.models_error: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.requests: list[ChatRequest] = []
        self.left = 0
        self.closed = False

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Answer."""
        self.requests.append(request)
        ended = False
        try:
            for piece in self.pieces:
                yield ContentDelta(piece)
            if self.hold is not None:
                await self.hold.wait()
            if self.error is not None:
                raise self.error
            yield Finished("stop")
            ended = True
        finally:
            self.left += not ended

    async def models(self) -> list[str]:
        """Name them."""
        if self.models_hold is not None:
            await self.models_hold.wait()
        if self.models_error is not None:
            raise self.models_error
        return ["gpt-oss-20b", "other"]

    async def close(self) -> None:
        """End."""
        self.closed = True


class FakeParts:
    """Parts that a test steers: `supervisor` and `engines` are those that were made last."""

    def __init__(self) -> None:
        self.supervisors: list[FakeSupervisor] = []
        self.engines: list[FakeEngine] = []
        self.error: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.is_installed = True
        self.reports: Sequence[tuple[EnginePhase, EngineProgress]] = ()
        self.servers: tuple[FoundServer, ...] = (OLLAMA,)
        self.measured = EngineMetrics(tokens_per_s=42.0)
        self.metrics_error: GptossError | None = None
        self.looked = 0

    @property
    def supervisor(self) -> FakeSupervisor:
        """The newest one."""
        return self.supervisors[-1]

    def served_name(self) -> str:
        """Name the model."""
        return "gpt-oss-20b"

    def installed(self) -> bool:
        """Say whether there is an environment."""
        return self.is_installed

    async def plan(self) -> ModelPlan:
        """Fit."""
        return ModelPlan(model="openai/gpt-oss-20b", hardware=Hardware(cores=2), summary="It fits.")

    async def prepare(self, report: Report) -> Prepared:
        """Report what a test wants, wait, and fail or not."""
        for phase, progress in self.reports:
            report(phase, progress)
        if self.hold is not None:
            await self.hold.wait()
        if self.error is not None:
            raise self.error
        return PREPARED

    def supervise(self, prepared: Prepared) -> FakeSupervisor:
        """Make one."""
        assert prepared is PREPARED
        self.supervisors.append(FakeSupervisor())
        return self.supervisor

    def connect(self, config: ModelConfig, endpoint: Endpoint | None = None) -> FakeEngine:
        """Make an engine."""
        if endpoint is not None:
            config = config.model_copy(update={"url": endpoint.url, "name": endpoint.model})
        self.engines.append(FakeEngine(config))
        return self.engines[-1]

    async def metrics(self, engine: object) -> EngineMetrics:
        """Return what was measured."""
        assert engine is not None
        self.looked += 1
        if self.metrics_error is not None:
            raise self.metrics_error
        return self.measured

    async def find(self) -> tuple[FoundServer, ...]:
        """Return what runs here."""
        return self.servers


async def until(condition: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait for a condition.

    Raises:
        AssertionError: It did not come true.
    """
    end = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it did not come true"
        await asyncio.sleep(0.005)
