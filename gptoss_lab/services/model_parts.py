"""The real parts of the model service."""

from __future__ import annotations

from collections.abc import Callable

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.engines.launch import Endpoint
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineMetrics, FoundServer, Hardware, ModelPlan
from gptoss_lab.services.model_ports import Prepared, Report, Supervisor

INSTALL = "Install it with `jupyter gptoss model install`."


class RealParts:
    """The engine's environment, the planner and the supervisor of this machine.

    Args:
        config: The model's configuration.
    """

    def __init__(self, config: ModelConfig) -> None:
        self._config = config

    def installed(self) -> bool:
        """Say whether an engine's environment is here."""
        return False

    async def plan(self) -> ModelPlan:
        """Look at the hardware and say what fits."""
        return ModelPlan(model=self._config.source, hardware=Hardware(), summary=INSTALL)

    async def prepare(self, report: Report) -> Prepared:
        """Decide how to start; see `ModelParts.prepare`.

        Raises:
            EngineLoadError: There is no engine.
        """
        del report
        raise EngineLoadError("There is no engine on this machine.", reason="engine_missing", hint=INSTALL)

    def supervise(self, prepared: Prepared, on_change: Callable[[], None]) -> Supervisor:
        """Return a supervisor; see `ModelParts.supervise`.

        Raises:
            EngineLoadError: There is no engine.
        """
        del prepared, on_change
        raise EngineLoadError("There is no engine on this machine.", reason="engine_missing", hint=INSTALL)

    def connect(self, config: ModelConfig, endpoint: Endpoint | None = None) -> ChatEngine:
        """Return an engine that talks to an address, or to a hosted endpoint."""
        if endpoint is not None:
            config = config.model_copy(update={"url": endpoint.url, "name": endpoint.model})
        return HttpChatEngine(config)

    async def metrics(self, engine: ChatEngine) -> EngineMetrics:
        """Ask an engine what it measured."""
        del engine
        return EngineMetrics()

    async def find(self) -> tuple[FoundServer, ...]:
        """Look for model servers on this machine."""
        return ()
