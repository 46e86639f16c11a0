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
    store, version = AdapterStore(folder), chosen_version(folder, wanted)
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
    return replace(setting, weights=merged, served_name=served_name(setting.served_name, folder, wanted))


def served_name(name: str, folder: Path, wanted: str) -> str:
    """Return the name of a model with the version that is chosen. Blocks."""
    version = chosen_version(folder, wanted)
    return f"{name}@{version}" if version else name


def chosen_version(folder: Path, wanted: str) -> str:
    """Return the version that the next start serves; empty for the model itself. Blocks."""
    return "" if wanted == NONE else wanted or AdapterStore(folder).current
