"""What a sandbox is asked to run and what it reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from gptoss_lab.schemas.base import Language, Wire

DataPaths = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=4096)], ...], Field(max_length=16)]
"""What of their files a person agrees to show to a sandbox: paths below the folder that JupyterLab shows."""
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
DataMode = Literal["off", "mount", "copy"]


class Limits(Wire):
    """Bounds on one sandbox. A request may only narrow the profile's.

    Attributes:
        memory_bytes: Its memory, what it keeps in files included.
        cpus: How many processors it may keep busy.
        pids: How many processes and threads it may have.
        disk_bytes: The size of its working folder, which lies in memory.
        wall_clock_s: How long a whole run of cells may take.
        cell_timeout_s: How long one cell may take before it is interrupted.
        output_bytes: How much output a cell may have; more is cut off.
        output_messages: How many messages of output a cell may send.
        idle_s: A sandbox that nobody has used for so long is ended.
        ttl_s: One that is older is ended.
    """

    memory_bytes: int = Field(default=2 << 30, ge=64 << 20)
    cpus: float = Field(default=1.0, gt=0)
    pids: int = Field(default=256, ge=8)
    disk_bytes: int = Field(default=512 << 20, ge=1 << 20)
    wall_clock_s: float = Field(default=120.0, gt=0)
    cell_timeout_s: float = Field(default=60.0, gt=0)
    output_bytes: int = Field(default=4 << 20, ge=1024)
    output_messages: int = Field(default=2000, ge=1)
    idle_s: float = Field(default=1800.0, gt=0)
    ttl_s: float = Field(default=12 * 3600.0, gt=0)


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
    idle_s: float | None = Field(default=None, gt=0)
    ttl_s: float | None = Field(default=None, gt=0)

    def within(self, maxima: Limits) -> LimitOverrides:
        """Return what of this is allowed: a wider value becomes the maximum."""
        asked = self.model_dump(exclude_none=True).items()
        return LimitOverrides.model_validate({key: min(value, getattr(maxima, key)) for key, value in asked})


class CellVerification(Wire):
    """How one cell did in the sandbox.

    `outputs` are nbformat 4 outputs, already filtered and capped. `peak_memory_bytes` is the
    sandbox's peak up to the end of this cell. `isolation` says in words how the
    sandbox was kept apart, `data` what of the person's files it was shown.
    """

    status: RunStatus
    duration_s: float = Field(default=0.0, ge=0)
    peak_memory_bytes: int | None = Field(default=None, ge=0)
    execution_count: int | None = None
    outputs: tuple[dict[str, Any], ...] = ()
    error: str = ""
    truncated: bool = False
    runtime: RuntimeName = "none"
    isolation: str = ""
    image: str = ""
    data: tuple[str, ...] = ()


class SandboxStatus(Wire):
    """Whether verification can run, with what, and if not, why and what to do.

    `seccomp` says which system-call filter is in force; `data` how a person's files would be shown.
    """

    available: bool
    runtime: RuntimeName = "none"
    isolation: str = ""
    image: str = ""
    image_ready: bool = False
    version: str = ""
    seccomp: str = ""
    gvisor: bool = False
    data: DataMode = "off"
    reason: str = ""
    hint: str = ""


class SandboxImage(Wire):
    """A built sandbox environment. `id` is what runs: an image ID or an environment's hash.

    `parent` is the tag of the image that `added` packages were put on. `kernel` is the kernelspec that
    it mirrors, and `left_out` what of that could not be had.
    """

    id: str
    runtime: RuntimeName
    language: Language
    tag: str
    size_bytes: int = Field(default=0, ge=0)
    built_at: str = ""
    packages: dict[str, str] = Field(default_factory=dict)
    language_version: str = ""
    base: str = ""
    base_digest: str = ""
    lock_sha256: str = ""
    tool_version: str = ""
    parent: str = ""
    added: tuple[str, ...] = ()
    kernel: str = ""
    left_out: tuple[str, ...] = ()


class Environment(Wire):
    """What code ran in: enough to run it again in the same. It is said once per job, not with each cell.

    `image` names it on this machine; the versions and the lock's hash say what it is anywhere.
    """

    runtime: RuntimeName
    image: str
    tag: str
    language_version: str = ""
    lock_sha256: str = ""
    packages: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, image: SandboxImage) -> Environment:
        """Return what there is to say of an image."""
        return cls(
            runtime=image.runtime,
            image=image.id,
            tag=image.tag,
            language_version=image.language_version,
            lock_sha256=image.lock_sha256,
            packages=image.packages,
        )


class SentFile(Wire):
    """A file to put into the working folder before the first cell. `path` is relative to it."""

    path: str = Field(min_length=1, max_length=255)
    content_base64: str


class ExecutionRequest(Wire):
    """Code to run in a sandbox, cell by cell, in order: `code` for one cell, else `cells`.

    The sandbox is a fresh one, or the kept one that `sandbox` names. With `keep` it lives on and may
    be named again. `files` go in before the first cell; what a cell writes may be fetched from a
    kept sandbox. `timeout_s` bounds each cell. With `check`, cells with a syntax error or a package
    that the image lacks are told of before anything runs.

    `data` is what of their files the person agrees to show the sandbox, read-only at `/data`; a kept
    sandbox is shown what it was started with.
    """

    code: str | None = None
    cells: tuple[str, ...] = Field(default=(), max_length=200)
    language: Language = "python"
    kernel: str = Field(default="", max_length=200)
    sandbox: str = Field(default="", max_length=128)
    image: str = Field(default="", max_length=200)
    files: tuple[SentFile, ...] = Field(default=(), max_length=64)
    data: DataPaths = ()
    timeout_s: float | None = Field(default=None, gt=0)
    limits: LimitOverrides = LimitOverrides()
    stop_on_error: bool = True
    keep: bool = False
    check: bool = True

    @model_validator(mode="after")
    def _has_code(self) -> Self:
        if (self.code is None) == (not self.cells):
            raise ValueError("give either `code` or at least one of `cells`")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The cells to run."""
        return self.cells if self.code is None else (self.code,)
