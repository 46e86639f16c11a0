"""The calls about generations, executions and their jobs."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.client.call import Call, Form
from gptoss_lab.schemas.additions import NeedsRequest
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest, JobAccepted, JobList
from gptoss_lab.schemas.prompts import PromptPreview
from gptoss_lab.schemas.runs import JobResponse

NOTHING: Form[None] = Form("", None)
ACCEPTED: Form[JobAccepted] = Form("JobAccepted", JobAccepted)
JOBS: Form[JobList] = Form("JobList", JobList)
JOB: Form[JobResponse] = Form("JobResponse", JobResponse)
PREVIEW: Form[PromptPreview] = Form("PromptPreview", PromptPreview)
REQUEST: Form[CodeGenerationRequest] = Form("CodeGenerationRequest", CodeGenerationRequest)


def submit_generation(request: CodeGenerationRequest, *, key: str = "") -> Call[JobAccepted]:
    """Start a generation. Under one key it is started once, however often it is sent."""
    return Call("POST", "/api/v1/code/generate", ACCEPTED, body=request, key=key)


def submit_execution(request: ExecutionRequest, *, key: str = "") -> Call[JobAccepted]:
    """Start an execution; it goes on by itself. Under one key it is started once."""
    return Call("POST", "/api/v1/code/execute", ACCEPTED, body=request, key=key)


def preview_prompt(request: CodeGenerationRequest) -> Call[PromptPreview]:
    """Return what such a generation would send to the model. Nothing is asked of it."""
    return Call("POST", "/api/v1/code/prompt", PREVIEW, body=request, slow=True)


def list_jobs(*, limit: int | None = None, before: str = "") -> Call[JobList]:
    """Return a page of the jobs, newest first; `before` is the `next` of the page that came before."""
    return Call("GET", "/api/v1/code/jobs", JOBS, query={"limit": limit, "before": before or None})


def get_job(job: str) -> Call[JobResponse]:
    """Return a job as it stands now."""
    return Call("GET", "/api/v1/code/jobs/{job}", JOB, {"job": job})


def cancel_job(job: str) -> Call[None]:
    """Cancel a job and wait until it has released what it held; what was finished is kept."""
    return Call("DELETE", "/api/v1/code/jobs/{job}", NOTHING, {"job": job})


def get_job_request(job: str) -> Call[CodeGenerationRequest]:
    """Return the request of a generation, as it was sent."""
    return Call("GET", "/api/v1/code/jobs/{job}/request", REQUEST, {"job": job})


def replay_job(job: str, *, key: str = "") -> Call[JobAccepted]:
    """Start the same generation once more, with the seed and the generator that it had."""
    return Call("POST", "/api/v1/code/jobs/{job}/replay", ACCEPTED, {"job": job}, key=key)


def add_needed_packages(job: str, packages: Sequence[str] = (), *, key: str = "") -> Call[JobAccepted]:
    """Add packages that a job's cells lack and run the cells again, as a new job; all when none is named."""
    body = NeedsRequest(packages=tuple(packages))
    return Call("POST", "/api/v1/code/jobs/{job}/packages", ACCEPTED, {"job": job}, body=body, key=key)
