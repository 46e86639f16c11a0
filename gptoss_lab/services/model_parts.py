"""The real parts of the model service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.engines.discovery import find_servers
from gptoss_lab.engines.environment import ENGINES, EngineEnvironment
from gptoss_lab.engines.hardware import read_hardware
from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.launch import Endpoint, EngineLauncher
from gptoss_lab.engines.planner import make_plan, model_name, setting_of
from gptoss_lab.engines.status import EngineStatus
from gptoss_lab.engines.store import ModelStore
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.engines.transformers import TransformersLauncher
from gptoss_lab.engines.vllm import VllmLauncher
from gptoss_lab.engines.weights import Weights
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineMetrics, EnginePhase, FoundServer, ModelPlan, Option
from gptoss_lab.services.learning.served import served_name, with_adapter
from gptoss_lab.services.model_ports import Prepared, Report, Supervisor

SEE_PLAN = (
    "`jupyter gptoss model plan` shows every way and why it does not fit; or attach a server by its address."
)


class RealParts:
    """The engine's environment, the planner and the supervisor of this machine.

    Args:
        config: The model's configuration.
        folder: Our data folder.
        phase: Told the phase of the hosted engine each time that something of it changes.
    """

    def __init__(
        self, config: ModelConfig, folder: Path, phase: Callable[[EnginePhase], None] | None = None
    ) -> None:
        self._phase = phase
        self._config = config
        self._folder = folder
        self._store = ModelStore(folder, config)
        self._engines = EngineEnvironment(folder, config)

    def installed(self) -> bool:
        """Say whether an engine's environment is here."""
        return any(self._engines.python(engine) is not None for engine in ENGINES)

    def served_name(self) -> str:
        """Return the name under which the next start would answer: that of the model, and of its version."""
        return served_name(model_name(self._config), self._folder, self._config.adapter)

    async def plan(self) -> ModelPlan:
        """Look at the hardware and say what fits."""
        found = await self.find()
        return await self._plan(await self._store.locate(), found)

    async def prepare(self, report: Report) -> Prepared:
        """Decide how to start; see `ModelParts.prepare`.

        What does not fit is said before anything is downloaded.

        Raises:
            EngineLoadError: It cannot be hosted here, or the weights cannot be had.
        """
        located = await self._store.locate()
        installed = await self._engines.inspect()
        option = chosen_option(await self._plan(located), installed)
        weights = await self._store.fetch(report)
        if weights != located:
            option = chosen_option(await self._plan(weights), installed)
        python = installed.require("transformers" if option.engine == "transformers" else "vllm")
        draft = await self._draft(option, report)
        setting = setting_of(option, self._config, weights.folder, python, speculator=draft)
        setting = await asyncio.to_thread(with_adapter, setting, weights, self._folder, self._config.adapter)
        return Prepared(option.engine, setting, weights.repo or str(weights.folder), weights.revision)

    async def _draft(self, option: Option, report: Report) -> Path | None:
        """Bring the draft model here, where the configuration wants one."""
        if self._config.speculative != "eagle3" or option.engine != "vllm":
            return None
        return (await ModelStore(self._folder, self._config, draft=True).fetch(report)).folder

    def supervise(self, prepared: Prepared) -> Supervisor:
        """Return a supervisor; see `ModelParts.supervise`."""
        launcher: EngineLauncher = (
            TransformersLauncher() if prepared.engine == "transformers" else VllmLauncher()
        )
        return EngineSupervisor(
            launcher,
            prepared.setting,
            folder=self._folder / "engine-starts",
            on_change=self._changed,
            idle_stop_s=self._config.idle_stop_s,
        )

    def _changed(self, status: EngineStatus) -> None:
        if self._phase is not None:
            self._phase(status.phase)

    def connect(self, config: ModelConfig, endpoint: Endpoint | None = None) -> ChatEngine:
        """Return an engine that talks to an address, or to a hosted endpoint."""
        if endpoint is None:
            return HttpChatEngine(config)
        here = {"url": endpoint.url, "name": endpoint.model, "api_key_env": "", "api_key_file": ""}
        return HttpChatEngine(config.model_copy(update=here), key=endpoint.key)

    async def metrics(self, engine: ChatEngine) -> EngineMetrics:
        """Ask an engine what it measured; nothing where it does not say.

        Raises:
            EngineError: It does not answer.
        """
        return await engine.metrics() if isinstance(engine, HttpChatEngine) else EngineMetrics()

    async def find(self) -> tuple[FoundServer, ...]:
        """Look for model servers on this machine."""
        return await find_servers()

    async def _plan(self, weights: Weights | None, found: tuple[FoundServer, ...] = ()) -> ModelPlan:
        hardware, installed = await asyncio.gather(read_hardware(self._folder), self._engines.inspect())
        return make_plan(self._config, hardware, weights, installed, found)


def chosen_option(plan: ModelPlan, installed: Installed | None = None) -> Option:
    """Return the option that a plan has chosen for hosting.

    Raises:
        EngineLoadError: There is none, or its engine is not installed.
    """
    option = plan.options[plan.chosen] if plan.chosen is not None else None
    if option is None or option.engine == "attached":
        raise EngineLoadError(plan.summary, reason="no_hardware", hint=SEE_PLAN)
    if option.install:
        faults = installed.faults if installed else {}
        fault = faults.get("transformers" if option.engine == "transformers" else "vllm")
        if fault is not None:
            raise EngineLoadError(fault.message, reason=fault.code, hint=fault.hint)
        raise EngineLoadError(
            f"The engine for it is not installed: {option.title}.",
            reason="engine_missing",
            hint=f"Run `{option.install}`.",
        )
    return option
