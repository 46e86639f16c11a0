"""What the verbs of the model need of the engines, loaded when one of them runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from gptoss_lab.engines.installed import Hosted
from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EnginePhase, EngineProgress, ModelPlan


async def look_and_plan(config: ModelConfig) -> ModelPlan:
    """Look at this machine and plan, without a server.

    Raises:
        EngineLoadError: The weights are a person's own folder, and it is damaged.
    """
    from gptoss_lab.services.model_parts import RealParts  # noqa: PLC0415 - `--help` must not wait for it

    return await RealParts(config, data_dir()).plan()


async def install_engine(
    config: ModelConfig, engine: Hosted, report: Callable[[str, int, int], None]
) -> Path:
    """Make the environment of an engine; return its interpreter.

    Raises:
        EngineLoadError: It does not run here, there is no room, or a package cannot be had.
    """
    from gptoss_lab.engines.environment import EngineEnvironment  # noqa: PLC0415 - as above

    return await EngineEnvironment(data_dir(), config).install(report, engine=engine)


async def fetch_weights(
    config: ModelConfig, report: Callable[[EnginePhase, EngineProgress], None]
) -> tuple[Path, int]:
    """Bring the weights here; return their folder and their size in bytes.

    Raises:
        EngineLoadError: They cannot be had.
    """
    from gptoss_lab.engines.store import ModelStore  # noqa: PLC0415 - as above

    weights = await ModelStore(data_dir(), config).fetch(report)
    return weights.folder, weights.size_bytes


async def tree_bytes(folder: Path) -> int:
    """Return what a folder takes on the disk."""
    from gptoss_lab.engines.environment import size_of  # noqa: PLC0415 - as above

    return await asyncio.to_thread(size_of, folder)
