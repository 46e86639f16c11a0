"""The wire models by name, loaded on first use.

Building pydantic models costs more than all the rest of the server extension, and a Jupyter
Server should not wait for it at start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "CodeGenerationRequest",
    "CodeGenerationResponse",
    "CorpusInfo",
    "CorpusList",
    "DocHits",
    "DocSource",
    "Event",
    "ExecutionEvent",
    "ExecutionRequest",
    "ExecutionResponse",
    "FeedbackRequest",
    "FeedbackSummary",
    "Health",
    "JobAccepted",
    "JobEvent",
    "JobList",
    "JobResponse",
    "ModelLogs",
    "ModelPlan",
    "ModelState",
    "Monitor",
    "NeedsRequest",
    "PackagesRequest",
    "Problem",
    "PromptPreview",
    "RequestProblem",
    "RestartRequest",
    "SandboxCapabilities",
    "SandboxFiles",
    "SandboxList",
    "SandboxRequest",
    "SandboxState",
    "StartRequest",
]

if TYPE_CHECKING:
    from gptoss_lab.schemas.additions import NeedsRequest
    from gptoss_lab.schemas.documents import CorpusInfo, CorpusList, DocHits, DocSource
    from gptoss_lab.schemas.events import Event
    from gptoss_lab.schemas.execution import ExecutionRequest
    from gptoss_lab.schemas.feedback import FeedbackRequest, FeedbackSummary
    from gptoss_lab.schemas.generation import (
        CodeGenerationRequest,
        CodeGenerationResponse,
        JobAccepted,
        JobList,
        Problem,
        RequestProblem,
    )
    from gptoss_lab.schemas.health import Health
    from gptoss_lab.schemas.model import ModelLogs, ModelPlan, ModelState, StartRequest
    from gptoss_lab.schemas.monitor import Monitor
    from gptoss_lab.schemas.prompts import PromptPreview
    from gptoss_lab.schemas.runs import ExecutionEvent, ExecutionResponse, JobEvent, JobResponse
    from gptoss_lab.schemas.sandboxes import (
        PackagesRequest,
        RestartRequest,
        SandboxCapabilities,
        SandboxFiles,
        SandboxList,
        SandboxRequest,
        SandboxState,
    )

HOMES = {
    "CodeGenerationRequest": "generation",
    "CodeGenerationResponse": "generation",
    "CorpusInfo": "documents",
    "CorpusList": "documents",
    "DocHits": "documents",
    "DocSource": "documents",
    "Event": "events",
    "ExecutionEvent": "runs",
    "ExecutionRequest": "execution",
    "ExecutionResponse": "runs",
    "FeedbackRequest": "feedback",
    "FeedbackSummary": "feedback",
    "Health": "health",
    "JobAccepted": "generation",
    "JobEvent": "runs",
    "JobList": "generation",
    "JobResponse": "runs",
    "ModelLogs": "model",
    "ModelPlan": "model",
    "ModelState": "model",
    "Monitor": "monitor",
    "NeedsRequest": "additions",
    "PackagesRequest": "sandboxes",
    "Problem": "generation",
    "PromptPreview": "prompts",
    "RequestProblem": "generation",
    "RestartRequest": "sandboxes",
    "SandboxCapabilities": "sandboxes",
    "SandboxFiles": "sandboxes",
    "SandboxList": "sandboxes",
    "SandboxRequest": "sandboxes",
    "SandboxState": "sandboxes",
    "StartRequest": "model",
}
"""Each model and the module of `gptoss_lab.schemas` that holds it."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"gptoss_lab.schemas.{HOMES[name]}"), name)
