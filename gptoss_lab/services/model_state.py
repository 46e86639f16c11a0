"""How the model stands, as the wire says it. Pure."""

from __future__ import annotations

from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineMetrics, EnginePhase, ModelState
from gptoss_lab.services.attached import AttachedModel
from gptoss_lab.services.hosted import HostedView
from gptoss_lab.services.model_ports import Prepared


def attached_state(attached: AttachedModel, metrics: EngineMetrics) -> ModelState:
    """Return the state while a server is attached."""
    return ModelState(
        engine="attached",
        phase="failed" if attached.failure else "ready",
        model=attached.model,
        source=attached.config.url,
        max_model_len=attached.context_tokens,
        failure=attached.failure,
        metrics=metrics,
        can_stop=attached.by_request,
    )


def hosted_state(
    config: ModelConfig, name: str, view: HostedView, prepared: Prepared | None, *, installed: bool
) -> ModelState:
    """Return the state of the model that this process hosts, or could."""
    if config.engine == "none":
        return ModelState()
    still = view.phase in {"stopped", "failed"}
    return ModelState(
        engine=prepared.engine if prepared else None,
        phase=_phase(view, installed=installed or prepared is not None),
        hosted=not still or prepared is not None,
        model=name,
        source=prepared.source if prepared else config.source,
        revision=prepared.revision if prepared else config.revision,
        version=view.version,
        max_model_len=prepared.setting.max_model_len if prepared else None,
        progress=view.progress,
        failure=view.failure,
        memory=view.memory,
        restarts=view.restarts,
        started_at=view.ready_at,
        can_start=still,
        can_stop=not still and view.phase != "draining",
    )


def _phase(view: HostedView, *, installed: bool) -> EnginePhase:
    return "unconfigured" if view.phase == "stopped" and not installed else view.phase
