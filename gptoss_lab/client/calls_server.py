"""The calls about the model, and about the server itself."""

from __future__ import annotations

from typing import Any, Literal

from gptoss_lab.client.call import Call, Form
from gptoss_lab.schemas.feedback import FeedbackRequest, FeedbackSummary
from gptoss_lab.schemas.health import Health
from gptoss_lab.schemas.model import ModelLogs, ModelPlan, ModelState, StartRequest
from gptoss_lab.schemas.monitor import Monitor

NOTHING: Form[None] = Form("", None)
TEXT: Form[str] = Form("", str)
OBJECT: Form[dict[str, Any]] = Form("object", dict[str, Any])
MONITOR: Form[Monitor] = Form("Monitor", Monitor)
HEALTH: Form[Health] = Form("Health", Health)
MODEL: Form[ModelState] = Form("ModelState", ModelState)
PLAN: Form[ModelPlan] = Form("ModelPlan", ModelPlan)
LOGS: Form[ModelLogs] = Form("ModelLogs", ModelLogs)
SUMMARY: Form[FeedbackSummary] = Form("FeedbackSummary", FeedbackSummary)


def get_health() -> Call[Health]:
    """Return which generator answers, and whether cells can be verified."""
    return Call("GET", "/api/v1/health", HEALTH)


def get_metrics() -> Call[str]:
    """Return what the server has done since it started, as Prometheus reads it."""
    return Call("GET", "/api/v1/metrics", TEXT)


def get_monitor(*, hours: int | None = None) -> Call[Monitor]:
    """Return how generations have fared in the last hours, and how the server stands."""
    return Call("GET", "/api/v1/monitor", MONITOR, query={"hours": hours})


def get_openapi() -> Call[dict[str, Any]]:
    """Return the description of the interface."""
    return Call("GET", "/api/v1/openapi.json", OBJECT)


def get_model() -> Call[ModelState]:
    """Return the model as it stands: phase, progress, memory, speed, queue."""
    return Call("GET", "/api/v1/model", MODEL)


def start_model(*, attach: str = "") -> Call[ModelState]:
    """Begin to start the hosted model, or attach a server that was found on its machine."""
    return Call("POST", "/api/v1/model/start", MODEL, body=StartRequest(attach=attach))


def stop_model() -> Call[ModelState]:
    """Stop the model, or cancel its start; answers that are under way end first."""
    return Call("POST", "/api/v1/model/stop", MODEL, slow=True)


def get_model_plan() -> Call[ModelPlan]:
    """Return what fits the server's machine, and why the rest does not."""
    return Call("GET", "/api/v1/model/plan", PLAN)


def get_model_logs() -> Call[ModelLogs]:
    """Return the last lines of the hosted engine."""
    return Call("GET", "/api/v1/model/logs", LOGS)


def get_feedback() -> Call[FeedbackSummary]:
    """Return how one's own reviews ended, by generator and model."""
    return Call("GET", "/api/v1/feedback", SUMMARY)


def send_feedback(request: FeedbackRequest) -> Call[None]:
    """Tell how reviews ended; a later item on the same cell replaces an earlier one."""
    return Call("POST", "/api/v1/feedback", NOTHING, body=request)


def get_report(
    path: str, *, form: Literal["md", "html"] = "md", theme: Literal["auto", "light", "dark"] = "auto"
) -> Call[str]:
    """Return what was generated in a saved notebook, and what became of it, as a page."""
    return Call("GET", "/api/v1/report", TEXT, query={"path": path, "format": form, "theme": theme})
