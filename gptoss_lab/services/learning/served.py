"""Which weights are served: the model's own, or those of an adapter that was chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.engines.tuning.adapters import AdapterStore
from gptoss_lab.engines.weights import Weights
from gptoss_lab.errors import EngineLoadError, NotFoundError
from gptoss_lab.services.learning.tune import require_fit

NONE = "none"


def with_adapter(setting: EngineSetting, weights: Weights, folder: Path, wanted: str) -> EngineSetting:
    """Return a setting that serves the chosen adapter, under a name that says so. Blocks.

    Args:
        setting: As it is for the model itself.
        weights: Those of the model itself.
        folder: Our data folder.
        wanted: A version, `none`, or empty for what `jupyter gptoss tune use` chose.

    Raises:
        EngineLoadError: The adapter is not here, or does not fit the model.
    """
    store = AdapterStore(folder)
    version = "" if wanted == NONE else wanted or store.current
    if not version:
        return setting
    try:
        info = store.get(version)
    except NotFoundError as error:
        raise EngineLoadError(error.message, reason="bad_flag", hint=error.hint) from error
    require_fit(info, weights)
    merged = store.merged(version)
    if merged is None:
        raise EngineLoadError(
            f"The weights of the adapter {version} are not made yet",
            reason="corrupt_weights",
            hint=f"Run `jupyter gptoss tune use {version}`.",
        )
    return replace(setting, weights=merged, served_name=f"{setting.served_name}@{version}")
