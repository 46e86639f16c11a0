"""The model of this server: one that it hosts, one that is attached, or none yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.engines.launch import Endpoint
from gptoss_lab.errors import (
    ConflictError,
    EngineNotReadyError,
    GptossError,
    NotFoundError,
    RequestError,
)
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import (
    SERVING,
    EngineMetrics,
    FoundServer,
    ModelLogs,
    ModelPlan,
    ModelState,
    QueueState,
    StartRequest,
)
from gptoss_lab.services.attached import AttachedModel, server_at, without_key
from gptoss_lab.services.hosted import HostedModel, is_loading
from gptoss_lab.services.model_ports import ModelParts
from gptoss_lab.services.model_state import attached_state, hosted_state
from gptoss_lab.services.model_watch import Watch
from gptoss_lab.services.served_engine import ServedEngine

MEASURE_EVERY_S = 1.0
MEASURE_WITHIN_S = 5.0
CHOOSE = (
    "Start it in the panel or with `jupyter gptoss model start`, name the address of a server in the "
    "configuration, or choose the examples generator."
)


class ModelService:
    """Starts, stops and attaches the model, and says how it stands. It belongs to one event loop.

    Args:
        config: The model's configuration.
        parts: Planner, store, supervisor and discovery.
    """

    def __init__(self, config: ModelConfig, parts: ModelParts) -> None:
        self.config = config
        self._parts = parts
        self._queue: Callable[[], QueueState] = QueueState
        self._hosted = HostedModel(config, parts)
        self._served = ServedEngine(
            self._hosted,
            partial(parts.connect, config),
            model=parts.served_name(),
            wait_s=config.start_timeout_s,
        )
        self._configured = self._configured_server()
        self._attached: AttachedModel | None = self._configured
        self._retired: list[ChatEngine] = []
        self._found: tuple[FoundServer, ...] = ()
        self._metrics = EngineMetrics()
        self._installed = bool(config.engine_python)
        self._watch = Watch({
            self._measure: MEASURE_EVERY_S,
            self._look_for_environment: 5.0,
            self._probe: 10.0,
            self._discover: 15.0,
        })

    def state(self) -> ModelState:
        """Return how the model stands. It reads memory only, and has news made for the next time."""
        self._watch.asked()
        if self._attached is None:
            state = self._hosted_state()
        else:
            state = attached_state(self._attached, self._metrics)
        return state.model_copy(update={"queue": self._queue(), "found": self._found})

    async def plan(self) -> ModelPlan:
        """Look at the hardware and say what fits it and what does not."""
        plan = await self._parts.plan()
        self._found = plan.found or await self._parts.find()
        return plan.model_copy(update={"found": self._found})

    async def start(self, request: StartRequest | None = None) -> ModelState:
        """Begin to bring the model up, or attach a server that was found; what fails is in the state.

        Raises:
            ConflictError: Another model is there, or it is being stopped.
            NotFoundError: No such server was found on this machine.
            RequestError: The address is of another machine, or no model is to be hosted here.
        """
        if request is not None and request.attach:
            await self._attach(request.attach)
        elif self._attached is not None and self._attached.by_request:
            raise ConflictError(f"The server {self._attached.config.url} is attached.", hint="Stop it first.")
        elif self._attached is None:
            if self.config.engine == "none":
                raise RequestError(
                    "This server hosts no model.", hint='The configuration says `"engine": "none"`.'
                )
            self._hosted.start()
        self._watch.hurry()
        return self.state()

    async def stop(self) -> ModelState:
        """Stop the hosted model, or let an attached server go; idempotent.

        Raises:
            ConflictError: The server is attached by the configuration.
        """
        attached = self._attached
        if attached is None:
            await self._hosted.stop()
        elif not attached.by_request:
            raise ConflictError(
                "The model server is named in the configuration, and is not this server's to stop.",
                hint="Remove `url` from the model's configuration.",
            )
        else:
            self._let_go(attached)
        return self.state()

    def logs(self) -> ModelLogs:
        """Return the last lines of the hosted engine."""
        failure = self._hosted.view.failure
        return ModelLogs(lines=self._hosted.logs() or (failure.log_tail if failure else ()))

    def engine(self, *, asked: bool = False) -> ChatEngine | None:
        """Return who answers now: an attached server, or the hosted one that is there or on its way.

        Args:
            asked: The model was asked for by name; then one that failed is returned too, so that the
                person is told why.
        """
        if self._attached is not None:
            return self._attached.engine
        phase = self._hosted.phase
        if phase in SERVING or is_loading(phase):
            return self._served
        if phase == "failed":
            return self._served if asked else None
        wakes = self._hosted.wanted or self.config.start == "on_demand"
        return self._served if wakes and phase == "stopped" and self.config.engine != "none" else None

    def endpoint(self) -> Endpoint | None:
        """Return where the hosted engine answers; None while it does not."""
        return None if self._attached is not None else self._hosted.endpoint

    def absence(self) -> GptossError:
        """Return why no model answers."""
        if self.config.engine == "none":
            return RequestError(
                "The model generator was asked for, but this server hosts none and none is attached.",
                hint="Set the model server's address in the configuration, or choose the examples generator.",
            )
        failure = self._hosted.view.failure
        if failure is not None:
            return EngineNotReadyError(f"The model is not there: {failure.message}", hint=failure.hint)
        return EngineNotReadyError("The model is not started.", hint=CHOOSE)

    def failed(self) -> bool:
        """Say whether a model was wanted and could not be brought up."""
        return self._attached is None and self._hosted.phase == "failed"

    def answering(self) -> ModelConfig:
        """Return the configuration as it is of the model that answers: its name and its window."""
        if self._attached is not None:
            return self._attached.config
        setting = self._hosted.prepared.setting if self._hosted.prepared else None
        window = (
            min(self.config.context_tokens, setting.max_model_len) if setting else self.config.context_tokens
        )
        return self.config.model_copy(update={"name": self._served.model, "context_tokens": window})

    def answers(self) -> str:
        """Return the name of the model that would answer now, or its address; empty where none would."""
        config = self.answering()
        return "" if self.engine() is None else config.name or config.url

    def slots(self, most: int) -> int:
        """Return how many generations may run at a time, `most` at most: as many as the engine takes."""
        hosts = self._attached is None and self.engine() is not None
        return min(most, self.config.max_num_seqs) if hosts else most

    def watch_queue(self, queue: Callable[[], QueueState]) -> None:
        """Take who knows how many generations run and wait."""
        self._queue = queue

    async def close(self) -> None:
        """End the hosted engine and all connections."""
        await self._watch.close()
        await self._hosted.close()
        await self._served.close()
        engines = [*self._retired, *(one.engine for one in {self._attached, self._configured} if one)]
        for engine in engines:
            await engine.close()

    def _configured_server(self) -> AttachedModel | None:
        config = self.config
        if not config.url or config.engine not in {"auto", "attach"}:
            return None
        return AttachedModel(config, self._parts.connect(config), by_request=False)

    async def _attach(self, url: str) -> None:
        server = server_at(url, self._found)
        if server is None:
            self._found = await self._parts.find()
            server = server_at(url, self._found)
        if server is None:
            raise NotFoundError(f"No model server was found at {url}.", hint="Start it, and look again.")
        if self._attached is not None and self._attached.config.url == url:
            return
        if self._hosted.phase not in {"stopped", "failed"}:
            raise ConflictError("A model is hosted here already.", hint="Stop it first.")
        if self._attached is not None and self._attached.by_request:
            self._let_go(self._attached)
        config = without_key(self.config, url, next(iter(server.models), ""))
        self._attached = AttachedModel(config, self._parts.connect(config), by_request=True)

    def _let_go(self, attached: AttachedModel) -> None:
        """Return to what the configuration says; answers that are under way come to their end."""
        self._retired.append(attached.engine)
        self._attached = self._configured
        self._metrics = EngineMetrics()

    def _hosted_state(self) -> ModelState:
        state = hosted_state(
            self.config,
            self._served.model,
            self._hosted.view,
            self._hosted.prepared,
            installed=self._installed,
        )
        metrics = self._metrics if state.phase in SERVING else EngineMetrics()
        return state.model_copy(update={"metrics": metrics})

    async def _measure(self) -> None:
        try:
            self._metrics = await within(self._measured(), MEASURE_WITHIN_S)
        except (GptossError, asyncio.TimeoutError):
            self._metrics = EngineMetrics()  # what cannot be asked now is shown as not known

    async def _measured(self) -> EngineMetrics:
        engine = self._attached.engine if self._attached else await self._served.metrics_of()
        return await self._parts.metrics(engine) if engine is not None else EngineMetrics()

    async def _probe(self) -> None:
        if self._attached is not None:
            await self._attached.probe()

    async def _look_for_environment(self) -> None:
        self._installed = await asyncio.to_thread(self._parts.installed)

    async def _discover(self) -> None:
        if self._attached is None and self._hosted.phase in {"stopped", "failed"}:
            self._found = await self._parts.find()
