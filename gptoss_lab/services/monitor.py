"""How the server and what it generates do: over time, now, and in the last minutes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.schemas.model import ModelState
from gptoss_lab.schemas.monitor import Monitor, Resources, ServiceState
from gptoss_lab.schemas.monitor import RecentAnswers as Answers
from gptoss_lab.services import service_states
from gptoss_lab.services.loop_lag import LoopLag
from gptoss_lab.services.metrics.service import MetricsService
from gptoss_lab.services.quality.keeper import QualityKeeper
from gptoss_lab.services.quality.window import MAX_HOURS, iso, window
from gptoss_lab.services.recent import RecentAnswers
from gptoss_lab.services.resources import ResourceWatch

DEFAULT_HOURS = 24
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class Model(Protocol):
    """Whoever knows how the model stands."""

    def state(self) -> ModelState:
        """Return that; it reads memory only."""


class Sandboxes(Protocol):
    """Whoever knows whether cells are run."""

    async def status(self, language: Literal["python"]) -> SandboxStatus:
        """Say so; it never raises."""


class Archive(Protocol):
    """Whoever keeps jobs."""

    @property
    def fault(self) -> str:
        """Why they are not kept; empty where they are, or need not be."""


class MonitorService:
    """Puts together what is kept, counted and seen. It belongs to one event loop.

    Args:
        quality: What is kept over time.
        metrics: What is counted for Prometheus.
        model: The model.
        sandboxes: The sandboxes.
        archive: The jobs.
        folder: Our data folder.
        keeps: Whether jobs, and figures, should outlive the server.
        clock: Seconds since the epoch.
    """

    def __init__(  # noqa: PLR0913 - one for each part that it tells of
        self,
        *,
        quality: QualityKeeper,
        metrics: MetricsService,
        model: Model,
        sandboxes: Sandboxes,
        archive: Archive,
        folder: Path,
        keeps: tuple[bool, bool] = (True, True),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._quality = quality
        self._metrics = metrics
        self._model = model
        self._sandboxes = sandboxes
        self._archive = archive
        self._folder = folder
        self._keeps = keeps
        self._clock = clock
        self.recent = RecentAnswers()
        self.lag = LoopLag(metrics.late)
        self.resources = ResourceWatch(folder, lambda: self.lag.worst_s)
        metrics.watch_resources(self.resources.last)
        metrics.watch_stores(lambda: {"jobs": archive.fault, "monitor": quality.fault})

    def open(self) -> None:
        """Begin to watch the event loop; does nothing when that has begun."""
        self.lag.open()

    def answered(self, route: str, verb: str, status: int, seconds: float | None) -> None:
        """Note an answer of this server.

        Args:
            route: The pattern of its address.
            verb: What was asked.
            status: How it ended.
            seconds: How long it took; None for a stream, and for one that waited for a job.
        """
        self._metrics.answered(route, verb, status, seconds)
        self.recent.note(status, seconds)
        if seconds is not None:
            self._quality.tally("response", f"{verb} {route}", seconds)
        if status >= _CLIENT_ERROR:
            self._quality.tally("http", "5xx" if status >= _SERVER_ERROR else "4xx")

    def review(self, items: Sequence[FeedbackItem]) -> None:
        """Note what a person decided."""
        self._metrics.review(items)
        self._quality.review(items)

    async def look(self, hours: int = DEFAULT_HOURS) -> Monitor:
        """Return how it went in the last hours, and how it stands.

        Args:
            hours: How many, 1 to 2160.

        Raises:
            RequestError: They are more or fewer.
            StorageError: What is kept cannot be read.
        """
        if not 1 <= hours <= MAX_HOURS:
            raise RequestError(f"A window has 1 to {MAX_HOURS} hours")
        now = self._clock()
        asked = window(hours, now)
        found = await self._quality.figures(asked)
        resources = await self.resources.now()
        return Monitor(
            at=iso(now),
            since=iso(asked.since),
            step_s=asked.step_s,
            total=found.total,
            groups=found.groups,
            timeline=found.timeline,
            stages=found.stages,
            responses=found.responses,
            errors=found.errors,
            resources=resources,
            services=await self.services(resources),
        )

    def answers(self) -> Answers:
        """Say how the answers of the last minutes went."""
        return self.recent.told()

    def seen(self) -> Resources | None:
        """Return the last look at the machine; None before the first has ended."""
        found = self.resources.last()
        return found if found.memory_bytes else None

    def is_degraded(self, states: Sequence[ServiceState]) -> bool:
        """Say whether a part that should work does not; what warms up or is turned off is none."""
        return any(state.status == "fail" for state in states)

    async def services(
        self, resources: Resources | None = None, *, writable: bool | None = None
    ) -> tuple[ServiceState, ...]:
        """Say how each part stands.

        Args:
            resources: A look at the machine; the last one when None.
            writable: Whether our data folder can be written to; looked at when None.
        """
        seen = resources or self.resources.last()
        jobs, figures = self._keeps
        words = service_states
        if writable is None:
            writable = await asyncio.to_thread(os.access, self._folder, os.W_OK | os.X_OK)
        return (
            words.model_state(self._model.state()),
            words.sandbox_state(await self._sandboxes.status("python")),
            words.kept_state("jobs", self._archive.fault, kept=jobs, what="jobs"),
            words.documents_state(self._folder, writable=writable),
            words.disk_state(self._folder, seen),
            words.kept_state("monitor", self._quality.fault, kept=figures, what="these figures"),
            words.loop_state(seen.loop_lag_s),
            words.answers_state(self.answers()),
        )

    async def close(self) -> None:
        """End the watching, and write what waits."""
        await self.lag.close()
        await self.resources.close()
        await self._quality.close()
