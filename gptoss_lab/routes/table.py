"""Every address of ours, who answers it, and with what."""

from __future__ import annotations

from gptoss_lab.routes.capabilities import CapabilitiesHandler
from gptoss_lab.routes.code import (
    ExecuteHandler,
    GenerateHandler,
    JobEventsHandler,
    JobHandler,
    JobsHandler,
    PromptHandler,
)
from gptoss_lab.routes.corpora import (
    CorporaHandler,
    CorporaSearchHandler,
    CorpusHandler,
    CorpusRefreshHandler,
)
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
from gptoss_lab.routes.needs import NeedsHandler
from gptoss_lab.routes.openapi import OpenApiHandler
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.replay import JobRequestHandler, ReplayHandler
from gptoss_lab.routes.report import ReportHandler
from gptoss_lab.routes.sandbox_files import SandboxFileHandler, SandboxFilesHandler
from gptoss_lab.routes.sandboxes import (
    InterruptHandler,
    PackagesHandler,
    RestartHandler,
    SandboxesHandler,
    SandboxHandler,
)

_AFTER = (("after", "The number of the last event that was seen; the Last-Event-ID header goes before it."),)

_SEARCH = (("q", "The words to look for."), ("limit", "How many places, 1 to 50; 10 when not given."))
_CHOSEN = ("corpus", "A corpus to search, may be repeated; all when not given.")

ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/code/generate",
        GenerateHandler,
        (
            Operation(
                "POST",
                "Start a generation. With `Accept: text/event-stream` the answer is its events; "
                "a reader that leaves does not cancel the job and may resume at its events.",
                request="CodeGenerationRequest",
                reply="JobAccepted",
                status=202,
                events="Event",
            ),
        ),
    ),
    Route(
        "/api/v1/code/prompt",
        PromptHandler,
        (
            Operation(
                "POST",
                "The messages that such a generation would send to the model, word for word, and how many "
                "tokens they have. The model is not asked.",
                request="CodeGenerationRequest",
                reply="PromptPreview",
            ),
        ),
    ),
    Route(
        "/api/v1/code/jobs",
        JobsHandler,
        (
            Operation(
                "GET",
                "List the jobs that the server remembers, newest first, a page at a time.",
                reply="JobList",
                query=(
                    ("limit", "How many, 1 to 200; 200 when not given."),
                    ("before", "The `next` of an earlier page."),
                ),
            ),
        ),
    ),
    Route(
        "/api/v1/code/jobs/{job}",
        JobHandler,
        (
            Operation("GET", "The job as it stands now.", reply="JobResponse"),
            Operation(
                "DELETE",
                "Cancel the job; what was finished is kept. The cell of an execution is interrupted first.",
                status=204,
            ),
        ),
    ),
    Route(
        "/api/v1/code/jobs/{job}/events",
        JobEventsHandler,
        (
            Operation(
                "GET", "The events of the job, from the first or after one.", events="JobEvent", query=_AFTER
            ),
        ),
    ),
    Route(
        "/api/v1/code/jobs/{job}/request",
        JobRequestHandler,
        (Operation("GET", "The request of a generation, as it was sent.", reply="CodeGenerationRequest"),),
    ),
    Route(
        "/api/v1/code/jobs/{job}/replay",
        ReplayHandler,
        (
            Operation(
                "POST",
                "Start the same generation once more, with the seed and the generator that it had. What is "
                "in the body does not matter.",
                reply="JobAccepted",
                status=202,
            ),
        ),
    ),
    Route(
        "/api/v1/code/jobs/{job}/packages",
        NeedsHandler,
        (
            Operation(
                "POST",
                "Add packages that the job's cells lack to the sandbox's environment, then check and run "
                "the same cells in it, as a new job. Only what the job's findings offer is added.",
                request="NeedsRequest",
                reply="JobAccepted",
                status=202,
            ),
        ),
    ),
    Route(
        "/api/v1/code/execute",
        ExecuteHandler,
        (
            Operation(
                "POST",
                "Run cells in a fresh sandbox, or in the kept one that is named. The answer is the job, "
                "which goes on by itself. With `Accept: text/event-stream` or `application/x-ndjson` it is "
                "the job's events, with `?wait=true` its outcome; a client that leaves these stops the "
                "execution.",
                request="ExecutionRequest",
                reply="JobAccepted",
                status=202,
                events="ExecutionEvent",
                outcome="ExecutionResponse",
                query=(("wait", "`true` answers when it has ended, with the outcome."),),
            ),
        ),
    ),
    Route(
        "/api/v1/corpora",
        CorporaHandler,
        (
            Operation("GET", "List the documentation that is indexed.", reply="CorpusList"),
            Operation(
                "POST",
                "Index a source, or look it up when it is indexed already.",
                request="DocSource",
                reply="CorpusInfo",
                query=(("refresh", "`true` reads the source again."),),
            ),
        ),
    ),
    Route(
        "/api/v1/corpora/search",
        CorporaSearchHandler,
        (Operation("GET", "Search in the documentation.", reply="DocHits", query=(*_SEARCH, _CHOSEN)),),
    ),
    Route(
        "/api/v1/corpora/{corpus}/search",
        CorporaSearchHandler,
        (Operation("GET", "Search in one corpus.", reply="DocHits", query=_SEARCH),),
    ),
    Route(
        "/api/v1/corpora/{corpus}/refresh",
        CorpusRefreshHandler,
        (Operation("POST", "Read the source of an index again.", reply="CorpusInfo"),),
    ),
    Route(
        "/api/v1/corpora/{corpus}",
        CorpusHandler,
        (Operation("DELETE", "Remove an index.", status=204),),
    ),
    Route(
        "/api/v1/sandboxes",
        SandboxesHandler,
        (
            Operation("GET", "List the sandboxes that may be seen, newest first.", reply="SandboxList"),
            Operation(
                "POST",
                "Start a sandbox that is kept, for executions that follow one another.",
                request="SandboxRequest",
                reply="SandboxState",
                status=201,
            ),
        ),
    ),
    Route(
        "/api/v1/sandboxes/capabilities",
        CapabilitiesHandler,
        (Operation("GET", "What sandboxes can do here, and use at most.", reply="SandboxCapabilities"),),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/files",
        SandboxFilesHandler,
        (Operation("GET", "List the regular files of its working folder.", reply="SandboxFiles"),),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/files/{path}",
        SandboxFileHandler,
        (Operation("GET", "One of these files, for saving.", binary=True),),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}",
        SandboxHandler,
        (
            Operation("GET", "What the sandbox does and uses now.", reply="SandboxState"),
            Operation("DELETE", "End the sandbox, whatever runs in it.", status=204),
        ),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/interrupt",
        InterruptHandler,
        (Operation("POST", "Interrupt what the sandbox runs.", reply="SandboxState"),),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/restart",
        RestartHandler,
        (
            Operation(
                "POST",
                "Start the sandbox anew; its variables and files are lost. The body may be left out.",
                request="RestartRequest",
                reply="SandboxState",
            ),
        ),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/packages",
        PackagesHandler,
        (
            Operation(
                "POST",
                "Add packages to the sandbox's environment; it starts anew with them, and so do later ones.",
                request="PackagesRequest",
                reply="SandboxState",
            ),
        ),
    ),
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
                request="StartRequest",
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
                    ("path", "The notebook, from the folder that JupyterLab shows."),
                    ("format", "`md` (else) or `html`."),
                    ("theme", "`auto` (else), `light` or `dark`: the colours of the HTML page."),
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
