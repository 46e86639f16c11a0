"""Sandboxes as the interface shows and steers them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Language, Wire
from gptoss_lab.schemas.execution import DataMode, DataPaths, LimitOverrides, Limits, RuntimeName

SandboxPurpose = Literal["notebook", "execute", "verify", "inspect", "warm"]
SandboxPhase = Literal["starting", "idle", "busy", "ended"]
Isolation = Literal["runc", "gvisor", "require-gvisor"]


class SandboxUsage(Wire):
    """What a sandbox uses now. A figure that the runtime cannot measure is None.

    `cpu_percent` is of one processor, over the last sample; `bytes_in` came out of the sandbox and
    `bytes_out` went into it, as the server counts.
    """

    memory_bytes: int | None = None
    peak_memory_bytes: int | None = None
    cpu_s: float | None = None
    cpu_percent: float | None = None
    throttled_s: float | None = None
    pids: int | None = None
    oom_kills: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    executions: int = 0


class SandboxState(Wire):
    """One sandbox of this server. `notebook` is the path of the notebook that uses it, where known."""

    id: str
    language: Language
    kernel: str
    profile: str = ""
    purpose: SandboxPurpose
    phase: SandboxPhase
    runtime: RuntimeName
    isolation: str = ""
    image: str = ""
    notebook: str = ""
    started_at: str = ""
    uptime_s: float = 0.0
    idle_s: float = 0.0
    expires_in_s: float | None = None
    limits: Limits = Limits()
    usage: SandboxUsage = SandboxUsage()
    data: tuple[str, ...] = ()
    last_error: str = ""


class SandboxList(Wire):
    """The sandboxes that the asking person may see, the newest first."""

    sandboxes: tuple[SandboxState, ...] = ()


class SandboxRequest(Wire):
    """A sandbox to start and keep, for executions that follow one another.

    `data` is what of their files the person agrees to show it, read-only at `/data`.
    """

    language: Language = "python"
    kernel: str = Field(default="", max_length=200)
    image: str = Field(default="", max_length=200)
    data: DataPaths = ()
    limits: LimitOverrides = LimitOverrides()


class RestartRequest(Wire):
    """How a sandbox is started anew. With `data` it is shown that from then on; without, what it was."""

    data: DataPaths | None = None


class SandboxFile(Wire):
    """A regular file in a sandbox's working folder. `path` is relative to it."""

    path: str
    size_bytes: int = Field(ge=0)
    modified_at: str = ""


class SandboxFiles(Wire):
    """The files that were written in a sandbox's working folder.

    `refused` counts what is not listed: links, pipes and such, and names that hide something.
    """

    files: tuple[SandboxFile, ...] = ()
    refused: int = 0
    truncated: bool = False


class PackagesRequest(Wire):
    """Packages to add to a sandbox's environment; it is rebuilt and the sandbox starts anew."""

    packages: tuple[str, ...] = Field(min_length=1, max_length=50)


class SandboxCapabilities(Wire):
    """What sandboxes can do on this server, and what they may use at most."""

    runtime: RuntimeName = "none"
    isolation: str = ""
    engine_version: str = ""
    languages: tuple[Language, ...] = ()
    seccomp: str = ""
    gvisor: bool = False
    data: DataMode = "off"
    max_sandboxes: int = 0
    limits: Limits = Limits()
    profiles: dict[str, Limits] = Field(default_factory=dict)
    reason: str = ""
    hint: str = ""
