"""The addresses of the model, and of the server itself."""

from __future__ import annotations

from gptoss_lab.routes.feedback import FeedbackHandler
from gptoss_lab.routes.health import HealthHandler
from gptoss_lab.routes.metrics import MetricsHandler
from gptoss_lab.routes.model import (
    ModelHandler,
    ModelLogsHandler,
    ModelPlanHandler,
    ModelStartHandler,
    ModelStopHandler,
)
from gptoss_lab.routes.openapi import OpenApiHandler
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.query import Query, choice
from gptoss_lab.routes.report import ReportHandler

SERVER_ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/model",
        ModelHandler,
        (
            Operation(
                "GET", "The model as it stands: phase, progress, memory, speed, queue.", reply="ModelState"
            ),
        ),
    ),
    Route(
        "/api/v1/model/start",
        ModelStartHandler,
        (
            Operation(
                "POST",
                "Begin to start the hosted model, or attach a server that was found on this machine. The "
                "body may be left out. What fails later is told by the state.",
                audited="model_start",
                request="StartRequest",
                may_be_empty=True,
                reply="ModelState",
            ),
        ),
    ),
    Route(
        "/api/v1/model/stop",
        ModelStopHandler,
        (
            Operation(
                "POST",
                "Stop the model, or cancel its start; answers that are under way end.",
                audited="model_stop",
                reply="ModelState",
            ),
        ),
    ),
    Route(
        "/api/v1/model/plan",
        ModelPlanHandler,
        (Operation("GET", "What fits this machine, and why the rest does not.", reply="ModelPlan"),),
    ),
    Route(
        "/api/v1/model/logs",
        ModelLogsHandler,
        (Operation("GET", "The last lines of the hosted engine.", reply="ModelLogs"),),
    ),
    Route(
        "/api/v1/feedback",
        FeedbackHandler,
        (
            Operation("GET", "How one's own reviews ended, by generator and model.", reply="FeedbackSummary"),
            Operation(
                "POST",
                "Tell how reviews ended. It is kept on this machine; a later item on the same cell replaces "
                "an earlier one.",
                audited="feedback",
                request="FeedbackRequest",
                status=204,
            ),
        ),
    ),
    Route(
        "/api/v1/report",
        ReportHandler,
        (
            Operation(
                "GET",
                "What was generated in a saved notebook, and what became of it.",
                texts=("text/markdown", "text/html"),
                query=(
                    Query("path", "The notebook, from the folder that JupyterLab shows.", required=True),
                    Query("format", "`md` when not given.", choice("md", "html")),
                    Query("theme", "The colours of the HTML page.", choice("auto", "light", "dark")),
                ),
            ),
        ),
    ),
    Route(
        "/api/v1/metrics",
        MetricsHandler,
        (
            Operation(
                "GET",
                "What this server has done since it started, of all persons together, for Prometheus.",
                texts=("text/plain",),
            ),
        ),
    ),
    Route(
        "/api/v1/health",
        HealthHandler,
        (Operation("GET", "Which generator answers, and whether cells can be verified.", reply="Health"),),
    ),
    Route(
        "/api/v1/openapi.json",
        OpenApiHandler,
        (Operation("GET", "This description.", reply="object"),),
    ),
)
