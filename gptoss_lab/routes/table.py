"""Every address of ours, who answers it, and with what."""

from __future__ import annotations

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
from gptoss_lab.routes.needs import NeedsHandler
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.query import FLAG, IDENTIFIER, Query, number
from gptoss_lab.routes.replay import JobRequestHandler, ReplayHandler
from gptoss_lab.routes.table_monitor import MONITOR_ROUTES
from gptoss_lab.routes.table_sandboxes import SANDBOX_ROUTES
from gptoss_lab.routes.table_server import SERVER_ROUTES

_AFTER = (
    Query(
        "after",
        "The number of the last event that was seen; the Last-Event-ID header goes before it.",
        number(0, 10**15 - 1),
    ),
)
_SEARCH = (
    Query(
        "q", "The words to look for.", {"type": "string", "pattern": r"\S", "maxLength": 500}, required=True
    ),
    Query("limit", "How many places; 10 when not given.", number(1, 50)),
)
_CHOSEN = Query(
    "corpus",
    "A corpus to search, may be repeated; all when not given.",
    {"type": "array", "items": dict(IDENTIFIER)},
)

ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/code/generate",
        GenerateHandler,
        (
            Operation(
                "POST",
                "Start a generation. With `Accept: text/event-stream` the answer is its events; "
                "a reader that leaves does not cancel the job and may resume at its events.",
                audited="generate",
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
                audited="preview",
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
                    Query("limit", "How many; 200 when not given.", number(1, 200)),
                    Query(
                        "before",
                        "The `next` of an earlier page.",
                        {"type": "string", "pattern": "^[0-9]{0,15}$"},
                    ),
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
                audited="cancel_job",
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
                audited="replay",
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
                audited="add_packages",
                action="execute",
                request="NeedsRequest",
                may_be_empty=True,
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
                audited="execute",
                request="ExecutionRequest",
                reply="JobAccepted",
                status=202,
                events="ExecutionEvent",
                outcome="ExecutionResponse",
                action="execute",
                query=(Query("wait", "`true` answers when it has ended, with the outcome.", FLAG),),
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
                audited="corpus_add",
                request="DocSource",
                reply="CorpusInfo",
                query=(Query("refresh", "`true` reads the source again.", FLAG),),
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
        (
            Operation(
                "POST", "Read the source of an index again.", reply="CorpusInfo", audited="corpus_refresh"
            ),
        ),
    ),
    Route(
        "/api/v1/corpora/{corpus}",
        CorpusHandler,
        (Operation("DELETE", "Remove an index.", status=204, audited="corpus_remove"),),
    ),
    *SANDBOX_ROUTES,
    *SERVER_ROUTES,
    *MONITOR_ROUTES,
)
