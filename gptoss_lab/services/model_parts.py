"""The real parts of the model service."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gptoss_lab.engines.base import ChatEngine
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.engines.discovery import find_servers
from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.engines.vllm import VllmLauncher
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineMetrics, FoundServer, Hardware, ModelPlan
from gptoss_lab.services.model_ports import Prepared, Report, Supervisor

INSTALL = "Install it with `jupyter gptoss model install`."


class RealParts:
    """The engine's environment, the planner and the supervisor of this machine.

    Args:
        config: The model's configuration.
        folder: Where weights, environments and the durations of starts are kept.
    """

    def __init__(self, config: ModelConfig, folder: Path) -> None:
        self._config = config
        self._folder = folder

    def installed(self) -> bool:
        """Say whether an engine's environment is here."""
        return bool(self._config.engine_python)

    async def plan(self) -> ModelPlan:
        """Look at the hardware and say what fits."""
        return ModelPlan(model=self._config.source, hardware=Hardware(), summary=INSTALL)

    async def prepare(self, report: Report) -> Prepared:
        """Decide how to start; see `ModelParts.prepare`.

        Raises:
            EngineLoadError: There is no engine.
        """
        del report
        config = self._config
        folder = Path(config.source)
        if not config.engine_python or not await asyncio.to_thread(folder.is_dir):
            raise EngineLoadError(
                "There is no engine on this machine.", reason="engine_missing", hint=INSTALL
            )
        setting = EngineSetting(
            python=Path(config.engine_python),
            weights=folder,
            served_name=config.name or folder.name,
            max_model_len=config.max_model_len or 2048,
            max_num_seqs=config.max_num_seqs,
            kv_cache_bytes=config.kv_cache_bytes,
            eager=config.eager,
            prefix_retention=config.prefix_retention,
            start_timeout_s=config.start_timeout_s,
            shutdown_timeout_s=config.shutdown_timeout_s,
            extra_args=config.extra_args,
        )
        return Prepared("vllm", setting, config.source, config.revision)

    def supervise(self, prepared: Prepared) -> Supervisor:
        """Return a supervisor; see `ModelParts.supervise`."""
        return EngineSupervisor(
            VllmLauncher(),
            prepared.setting,
            folder=self._folder / "starts",
            on_change=_nothing,
            idle_stop_s=self._config.idle_stop_s,
        )

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


def _nothing(_: object) -> None:
    """Changes are read when someone asks."""
