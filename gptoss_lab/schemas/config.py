"""Configuration as the inside sees it: traitlets at the door become these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from typing_extensions import Self

from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.base import Effort, Wire
from gptoss_lab.schemas.execution import LimitOverrides, Limits
from gptoss_lab.schemas.sandboxes import Isolation


class ModelConfig(Wire):
    """The model: one that this server hosts, or one that is attached by `url`.

    Until a model is there the examples generator answers. `api_key_env` names the environment
    variable that holds the key of an attached server, `api_key_file` a file that does; the key itself
    is never part of the configuration.

    Attributes:
        engine: "auto" takes what the planner finds best; "attach" needs `url`; "none" hosts nothing.
        name: What the model is called in requests; empty asks the server.
        source: The Hugging Face repository, or a folder with the weights.
        revision: The revision of the repository; empty pins the one that is found first.
        engine_python: The Python of the engine's own environment; empty is what
            `jupyter gptoss model install` made.
        start: "manual" waits for the person, "on_demand" starts with the first generation.
        max_model_len, gpu_memory_utilization, kv_cache_dtype, kv_cache_bytes, tensor_parallel_size,
            devices: Override the planner's choice.
        eager: Neither compile nor capture graphs: a faster start, slower answers.
        prefix_retention: Tokens between kept prefixes of the cache; 0 is the engine's own default.
        warm_up: Send the documents ahead when they change, so that the first question finds them.
        sketch: Ask the model first, at low effort, which calls it would use, and look these up.
        extra_args: Further arguments of the engine; refused unless `allow_extra_args`.
        idle_stop_s: Stop (or, with `sleep`, put to sleep) after so long without a request; 0 never.
        offline: "auto" asks the network only for what is missing, "on" never, "off" always looks.
    """

    engine: Literal["auto", "vllm", "transformers", "attach", "none"] = "auto"
    url: str = ""
    name: str = ""
    api_key_env: str = "GPTOSS_LAB_API_KEY"
    api_key_file: str = ""
    effort: Effort = "medium"
    temperature: float = Field(default=1.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    context_tokens: int = Field(default=32_768, ge=1024)
    first_byte_timeout_s: float = Field(default=60.0, gt=0)
    idle_timeout_s: float = Field(default=60.0, gt=0)
    connect_timeout_s: float = Field(default=5.0, gt=0)
    source: str = "openai/gpt-oss-20b"
    revision: str = Field(default="", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/\-]{0,100}$|^$")
    engine_python: str = ""
    start: Literal["manual", "on_demand"] = "manual"
    max_model_len: int | None = Field(default=None, ge=1024)
    gpu_memory_utilization: float | None = Field(default=None, gt=0.05, le=0.98)
    kv_cache_dtype: Literal["auto", "fp8", "fp8_e4m3", "fp8_e5m2", "bfloat16"] = "auto"
    kv_cache_bytes: int | None = Field(default=None, ge=1 << 20)
    tensor_parallel_size: int | None = Field(default=None, ge=1, le=64)
    devices: str = Field(default="", pattern=r"^[A-Za-z0-9_,\-]{0,200}$")
    max_num_seqs: int = Field(default=8, ge=1, le=1024)
    max_cudagraph_capture: int = Field(default=16, ge=1, le=1024)
    optimization_level: Literal[0, 1, 2, 3] = 2
    eager: bool = False
    prefix_retention: int = Field(default=512, ge=0)
    warm_up: bool = True
    sketch: bool = False
    speculative: Literal["off", "ngram", "suffix", "eagle3"] = "off"
    speculator: str = "RedHatAI/gpt-oss-20b-speculator.eagle3"
    start_timeout_s: float = Field(default=1800.0, gt=0)
    shutdown_timeout_s: float = Field(default=10.0, ge=0)
    idle_stop_s: float = Field(default=1800.0, ge=0)
    sleep: bool = False
    offline: Literal["auto", "on", "off"] = "auto"
    extra_args: tuple[str, ...] = ()
    allow_extra_args: bool = False

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s]|unix:///", url, re.IGNORECASE):
            raise ValueError("it must begin with http://, https:// or unix:///")
        return url

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.extra_args and not self.allow_extra_args:
            raise ValueError("extra_args are refused unless allow_extra_args is true")
        if any("trust-remote-code" in word.replace("_", "-").lower() for word in self.extra_args):
            raise ValueError("trust_remote_code is never allowed: it runs code that comes with the weights")
        if self.engine == "attach" and not self.url:
            raise ValueError("the engine attach needs a url")
        return self


class SandboxProfile(Wire):
    """A named set of maxima, which a kernelspec chooses by `profile`. None takes the server's own."""

    limits: LimitOverrides = LimitOverrides()
    isolation: Isolation | None = None
    image: str = ""


class WarmPool(Wire):
    """How many started kernels wait for their single use, by language.

    They wait from a server's first use of a sandbox until none was used for as long as one may be
    idle, and only while the machine has memory to spare.
    """

    python: int = Field(default=1, ge=0, le=16)
    r: int = Field(default=0, ge=0, le=16)


class SandboxConfig(Wire):
    """The sandbox. `limits` are the administrator's maxima; profiles and requests only narrow them.

    `isolation`: "gvisor" uses gVisor where the daemon lists it, "require-gvisor" refuses without.
    `allow_data` lets a person show the sandbox the folder of the notebook, read-only.
    `packages_denied` are distribution names that may never be added.
    """

    runtime: Literal["auto", "docker", "bubblewrap", "none"] = "auto"
    docker_host: str = ""
    isolation: Isolation = "gvisor"
    limits: Limits = Limits()
    profiles: dict[str, SandboxProfile] = Field(default_factory=dict)
    max_sandboxes: int = Field(default=4, ge=1)
    warm: WarmPool = WarmPool()
    allow_data: bool = True
    allow_packages: bool = True
    packages_denied: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _profiles_narrow(self) -> Self:
        for name, profile in self.profiles.items():
            for key, value in profile.limits.model_dump(exclude_none=True).items():
                if value > getattr(self.limits, key):
                    raise ValueError(f"the profile {name} has a wider limit than the server: {key}={value}")
        return self


class ExecutionConfig(Wire):
    """Jobs on this server.

    `max_job_bytes` bounds the events that one keeps for readers who come back, `max_bytes_kept`
    those of all: beyond it the oldest that have ended are forgotten. With `store_jobs` they are kept on
    the disk, too, so that they are there when the server was started again: in `jobs_folder`, or in `jobs`
    in our data folder where it is empty.
    """

    max_jobs: int = Field(default=4, ge=1)
    max_jobs_kept: int = Field(default=200, ge=1)
    max_events_kept: int = Field(default=20_000, ge=100)
    max_job_bytes: int = Field(default=32 << 20, ge=1 << 16)
    max_bytes_kept: int = Field(default=256 << 20, ge=1 << 20)
    store_jobs: bool = True
    jobs_folder: str = ""
    max_jobs_stored: int = Field(default=100_000, ge=1)
    max_bytes_stored: int = Field(default=2 << 30, ge=1 << 20)
    max_job_age_days: float = Field(default=90.0, gt=0)


class DocumentConfig(Wire):
    """Limits on what is read and indexed.

    `fetch_delay_s` lies between two requests to one host, unless its robots.txt asks for more.
    `max_site_depth` counts the links from the page that was named.
    """

    max_file_bytes: int = Field(default=50 << 20, ge=1)
    max_total_bytes: int = Field(default=500 << 20, ge=1)
    max_files: int = Field(default=20_000, ge=1)
    max_pages: int = Field(default=1000, ge=1)
    max_site_pages: int = Field(default=60, ge=1)
    max_site_depth: int = Field(default=6, ge=0)
    site_timeout_s: float = Field(default=300.0, gt=0)
    parse_memory_bytes: int = Field(default=2 << 30, ge=1)
    parse_timeout_s: float = Field(default=600.0, gt=0)
    fetch_timeout_s: float = Field(default=15.0, gt=0)
    fetch_delay_s: float = Field(default=0.2, ge=0)
    fetch_max_bytes: int = Field(default=20 << 20, ge=1)
    allow_private_addresses: bool = False


class PaperConfig(Wire):
    """Limits on papers, and where those that are named by an id are fetched.

    `max_unpacked_bytes` and `max_unpacked_files` bound what an archive may hold. A paper that was fetched
    is asked for again after `fresh_s`.
    """

    max_pages: int = Field(default=400, ge=1)
    max_unpacked_bytes: int = Field(default=200 << 20, ge=1)
    max_unpacked_files: int = Field(default=2000, ge=1)
    read_memory_bytes: int = Field(default=1 << 30, ge=1)
    read_timeout_s: float = Field(default=180.0, gt=0)
    fresh_s: float = Field(default=86_400.0, ge=0)
    arxiv_url: str = Field(default="https://arxiv.org", pattern=r"^https?://[^\s]+$")
    ar5iv_url: str = Field(default="https://ar5iv.labs.arxiv.org", pattern=r"^https?://[^\s]+$")
    doi_url: str = Field(default="https://doi.org", pattern=r"^https?://[^\s]+$")


class PromptConfig(Wire):
    """What stands in every prompt of this server.

    `house_rules` go into the instructions of the model. `templates` is a folder with templates that take
    the place of the built-in ones; empty is `templates` in our data folder. `format_code` has a
    model's cells laid out, those of Python by ruff and those of R by the sandbox's styler, where these are
    installed; what they do stays the same. `variables` is the most that a model is told of those of a kernel:
    nothing, names with types and shapes, or columns of tables too; a person's own setting may only be less.
    """

    house_rules: str = Field(default="", max_length=4000)
    templates: str = ""
    format_code: bool = False
    variables: Literal["off", "types", "columns"] = "columns"


class FeedbackConfig(Wire):
    """What the server keeps of reviews: how each cell's ended, never code or words; it leaves no machine.

    `max_file_bytes` bounds a person's file; a full one is kept once more, and then forgotten.
    """

    enabled: bool = True
    max_file_bytes: int = Field(default=4 << 20, ge=1 << 16)


Section = TypeVar("Section", bound=Wire)


def parse_section(model: type[Section], name: str, values: Mapping[str, Any]) -> Section:
    """Turn one section of the configuration into its model.

    Args:
        model: The section's model.
        name: The section as the person wrote it, for the message.
        values: The keys and values of the section.

    Raises:
        RequestError: A key is unknown or a value is wrong; the message names the key.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            problem, hint = f"{name} has no key `{key}`", f"Known keys: {', '.join(model.model_fields)}."
        else:
            problem, hint = (
                f"{name}: `{key}` is wrong: {first['msg'].removeprefix('Value error, ')}",
                "Correct the value.",
            )
        raise RequestError(problem, hint=hint) from error


def describe_section(model: type[Wire]) -> str:
    """Return one line per key of a section, with its type and default."""
    lines = []
    for key, field in model.model_fields.items():
        kind = getattr(field.annotation, "__name__", str(field.annotation))
        kind = str(field.annotation).removeprefix("typing.") if kind == "Literal" else kind
        default = field.default
        if isinstance(default, BaseModel):
            default = default.model_dump()
        lines.append(f"{key}: {kind} = {default!r}")
    return "\n".join(lines)
