"""What the model service is put together from, as it sees it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import (
    EngineFailure,
    EngineKind,
    EngineMemory,
    EngineMetrics,
    EnginePhase,
    EngineProgress,
    FoundServer,
    ModelPlan,
)

Report = Callable[[EnginePhase, EngineProgress], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A start that can be carried out: all was decided and the weights are on this disk."""

    engine: EngineKind
    setting: EngineSetting
    source: str
    revision: str = ""


class Status(Protocol):
    """How an engine's process stands."""

    @property
    def phase(self) -> EnginePhase:
        """How far it has come."""

    @property
    def progress(self) -> EngineProgress | None:
        """How far its start has come."""

    @property
    def failure(self) -> EngineFailure | None:
        """Why it is not there."""

    @property
    def memory(self) -> EngineMemory:
        """What it holds."""

    @property
    def version(self) -> str:
        """The engine's own version."""

    @property
    def restarts(self) -> int:
        """How often it was started again."""

    @property
    def ready_at(self) -> str:
        """When it became ready, ISO 8601."""


class Supervisor(Protocol):
    """Keeps one engine's process."""

    @property
    def status(self) -> Status:
        """How it stands."""

    @property
    def endpoint(self) -> Endpoint | None:
        """Where it answers; None while it does not."""

    def start(self) -> None:
        """Start it unless it runs; returns at once."""

    async def ready(self, timeout_s: float) -> Endpoint:
        """Wait until it answers.

        Raises:
            EngineLoadError: It could not be brought up.
            EngineNotReadyError: It was stopped, or the time is over.
        """

    async def stop(self) -> None:
        """Let it finish what it answers, for a while, and end it."""

    async def close(self) -> None:
        """End it now."""

    def logs(self) -> tuple[str, ...]:
        """Return its last lines."""

    def using(self) -> AbstractContextManager[Callable[[], None]]:
        """Count a request that is in flight; what it gives is called for each sign of life."""

    async def suspect(self) -> object:
        """Look at once whether it lives: a request met a fault."""


class ModelParts(Protocol):
    """Planner, store, environment, supervisor and discovery, as one set that tests replace."""

    def installed(self) -> bool:
        """Say whether an engine's environment is here; may read the disk."""

    def served_name(self) -> str:
        """Return the name under which the next start would answer; may read the disk."""

    async def plan(self) -> ModelPlan:
        """Look at the hardware and say what fits."""

    async def prepare(self, report: Report) -> Prepared:
        """Decide how to start and bring the weights here, telling how far that has come.

        Raises:
            GptossError: It cannot be started; an EngineLoadError says why in its `reason`.
        """

    def supervise(self, prepared: Prepared) -> Supervisor:
        """Return a supervisor of what was prepared; nothing is started yet."""

    def connect(self, config: ModelConfig, endpoint: Endpoint | None = None) -> ChatEngine:
        """Return an engine that talks to the configured address, or to a hosted endpoint."""

    async def metrics(self, engine: ChatEngine) -> EngineMetrics:
        """Ask an engine what it measured; nothing where it does not say."""

    async def find(self) -> tuple[FoundServer, ...]:
        """Look for model servers on this machine."""
