"""Configuration as the inside sees it: traitlets at the door become these."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Effort, Wire
from gptoss_lab.schemas.execution import Limits


class ModelConfig(Wire):
    """The model service. With no `url` the examples generator answers.

    `api_key_env` names the environment variable that holds the key; the key itself is never
    part of the configuration.
    """

    url: str = ""
    name: str = ""
    api_key_env: str = "GPTOSS_LAB_API_KEY"
    effort: Effort = "medium"
    temperature: float = Field(default=1.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    context_tokens: int = Field(default=32_768, ge=1024)
    first_byte_timeout_s: float = Field(default=60.0, gt=0)
    idle_timeout_s: float = Field(default=60.0, gt=0)
    connect_timeout_s: float = Field(default=5.0, gt=0)


class SandboxConfig(Wire):
    """The sandbox. `limits` are the administrator's maxima; requests only narrow them."""

    runtime: Literal["auto", "docker", "bubblewrap", "none"] = "auto"
    docker_host: str = ""
    limits: Limits = Limits()
    max_sandboxes: int = Field(default=4, ge=1)
    idle_s: float = Field(default=1800.0, gt=0)


class ExecutionConfig(Wire):
    """Jobs on this server."""

    max_jobs: int = Field(default=4, ge=1)
    max_jobs_kept: int = Field(default=200, ge=1)
    max_events_kept: int = Field(default=20_000, ge=100)


class DocumentConfig(Wire):
    """Limits on what is read and indexed."""

    max_file_bytes: int = Field(default=50 << 20, ge=1)
    max_total_bytes: int = Field(default=500 << 20, ge=1)
    max_files: int = Field(default=20_000, ge=1)
    max_pages: int = Field(default=1000, ge=1)
    max_site_pages: int = Field(default=60, ge=1)
    parse_memory_bytes: int = Field(default=2 << 30, ge=1)
    parse_timeout_s: float = Field(default=600.0, gt=0)
    fetch_timeout_s: float = Field(default=15.0, gt=0)
    fetch_max_bytes: int = Field(default=20 << 20, ge=1)
    allow_private_addresses: bool = False
