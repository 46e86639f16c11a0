"""A model that stands as it stands."""

from __future__ import annotations

from gptoss_lab.schemas.model import EngineMetrics, ModelState


class SteadyModel:
    """It is ready, and says how fast it is."""

    def state(self) -> ModelState:
        """Return that."""
        return ModelState(phase="ready", metrics=EngineMetrics(tokens_per_s=30))
