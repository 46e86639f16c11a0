"""What a sandbox is asked to run and what it reports."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from gptoss_lab.schemas.base import Language, Wire

RunStatus = Literal[
    "ok",
    "error",
    "timeout",
    "interrupted",
    "oom",
    "died",
    "output_limit",
    "sandbox_lost",
    "canceled",
    "skipped",
]
RuntimeName = Literal["docker", "bubblewrap", "none"]


class Limits(Wire):
    """Bounds on one sandbox. A request may only narrow the profile's."""

    memory_bytes: int = Field(default=2 << 30, ge=64 << 20)
    cpus: float = Field(default=1.0, gt=0)
    pids: int = Field(default=256, ge=8)
    disk_bytes: int = Field(default=512 << 20, ge=1 << 20)
    wall_clock_s: float = Field(default=120.0, gt=0)
    cell_timeout_s: float = Field(default=60.0, gt=0)
    output_bytes: int = Field(default=4 << 20, ge=1024)
    output_messages: int = Field(default=2000, ge=1)


class LimitOverrides(Wire):
    """A narrowing of the profile's limits; what is not set keeps the profile's value."""

    memory_bytes: int | None = Field(default=None, ge=64 << 20)
    cpus: float | None = Field(default=None, gt=0)
    pids: int | None = Field(default=None, ge=8)
    disk_bytes: int | None = Field(default=None, ge=1 << 20)
    wall_clock_s: float | None = Field(default=None, gt=0)
    cell_timeout_s: float | None = Field(default=None, gt=0)
    output_bytes: int | None = Field(default=None, ge=1024)
    output_messages: int | None = Field(default=None, ge=1)


class CellVerification(Wire):
    """How one cell did in the sandbox.

    `outputs` are nbformat 4 outputs, already filtered and capped. `peak_memory_bytes` is the
    sandbox's peak up to the end of this cell.
    """

    status: RunStatus
    duration_s: float = Field(default=0.0, ge=0)
    peak_memory_bytes: int | None = Field(default=None, ge=0)
    execution_count: int | None = None
    outputs: tuple[dict[str, Any], ...] = ()
    error: str = ""
    truncated: bool = False
    runtime: RuntimeName = "none"
    image: str = ""


class SandboxStatus(Wire):
    """Whether verification can run, with what, and if not, why and what to do."""

    available: bool
    runtime: RuntimeName = "none"
    isolation: str = ""
    image: str = ""
    image_ready: bool = False
    version: str = ""
    reason: str = ""
    hint: str = ""


class SandboxImage(Wire):
    """A built sandbox environment. `id` is what runs: an image ID or an environment's hash."""

    id: str
    runtime: RuntimeName
    language: Language
    tag: str
    size_bytes: int = Field(default=0, ge=0)
    built_at: str = ""
    packages: dict[str, str] = Field(default_factory=dict)


class ExecutionRequest(Wire):
    """Code to run in a fresh sandbox, cell by cell, in order."""

    cells: tuple[str, ...] = Field(min_length=1, max_length=200)
    language: Language = "python"
    kernel: str = ""
    limits: LimitOverrides = LimitOverrides()
    stop_on_error: bool = True


class ExecutionResponse(Wire):
    """The outcome of an execution."""

    status: RunStatus
    cells: tuple[CellVerification, ...] = ()
    duration_s: float = Field(default=0.0, ge=0)
    peak_memory_bytes: int | None = None
    runtime: RuntimeName = "none"
    image: str = ""
