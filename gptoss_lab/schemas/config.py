"""Configuration as the inside sees it: traitlets at the door become these."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator
from typing_extensions import Self

from gptoss_lab.schemas.access_config import AccessConfig as AccessConfig  # noqa: PLC0414 - a section as the others
from gptoss_lab.schemas.base import Effort, Wire
from gptoss_lab.schemas.execution import LimitOverrides, Limits
from gptoss_lab.schemas.log_config import LogConfig as LogConfig  # noqa: PLC0414 - a section as the others
from gptoss_lab.schemas.sandboxes import Isolation


class ModelConfig(Wire):
    """The model: one that this server hosts, or one that is attached by `url`.

    Until a model is there the examples generator answers. `api_key_env` names the environment
    variable that holds the key of an attached server, `api_key_file` a file that does; the key itself
    is never part of the configuration.

    Attributes:
        engine: "auto" takes what the planner finds best; "attach" needs `url`; "none" hosts nothing.
        url: The address of a server that is attached, ending in /v1; empty hosts a model here.
        name: What the model is called in requests; empty asks the server.
        api_key_env: The environment variable that holds the key of an attached server.
        api_key_file: A file of yours alone that holds it, where the variable is empty.
        effort: How long the model may reason where a request does not say.
        temperature: How freely the model draws its words; gpt-oss is made for 1.
        top_p: From how much of what is likely it draws; gpt-oss is made for 1.
        context_tokens: The most of the model's window that is used.
        first_byte_timeout_s: How long the first word of an answer may take.
        idle_timeout_s: How long an answer may be silent between two words.
        connect_timeout_s: How long a connection may take.
        source: The Hugging Face repository, or a folder with the weights.
        revision: The revision of the repository; empty pins the one that is found first.
        engine_python: The Python of the engine's own environment; empty is what
            `jupyter gptoss model install` made.
        adapter: The version of the model that is served: empty is what `jupyter gptoss tune use` chose,
            "none" the model itself.
        tuner_python: The Python of the tuner's own environment; empty is what
            `jupyter gptoss tune install` made.
        start: "manual" waits for the person, "on_demand" starts with the first generation.
        max_model_len: The window of a hosted model, in tokens; None lets the planner choose.
        gpu_memory_utilization: The share of a GPU's memory; None lets the planner choose.
        kv_cache_dtype: The numbers that the cache keeps; smaller ones hold more and are less exact.
        kv_cache_bytes: The size of the cache; None lets the planner choose.
        tensor_parallel_size: Over how many GPUs the model is spread; None lets the planner choose.
        devices: Which GPUs, as CUDA_VISIBLE_DEVICES takes them; empty takes those that are there.
        max_num_seqs: How many answers are written at once.
        max_cudagraph_capture: Up to how many answers at once GPU graphs are made for.
        optimization_level: How much vLLM compiles before it answers, from 0 to 3.
        eager: Neither compile nor capture graphs: a faster start, slower answers.
        prefix_retention: Tokens between kept prefixes of the cache; 0 is the engine's own default.
        warm_up: Send the documents ahead when they change, so that the first question finds them.
        sketch: Ask the model first, at low effort, which calls it would use, and look these up.
        speculative: A way to guess words ahead, which costs memory; "off" guesses none.
        speculator: The model that guesses with "eagle3".
        start_timeout_s: How long an engine may take to answer, once its weights are here.
        shutdown_timeout_s: How long answers may end when the model is stopped.
        extra_args: Further arguments of the engine; refused unless `allow_extra_args`.
        allow_extra_args: Take `extra_args`; some are refused even then.
        idle_stop_s: Stop (or, with `sleep`, put to sleep) after so long without a request; 0 never.
        sleep: Put an idle model to sleep in memory instead of stopping it.
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
    adapter: str = Field(default="", pattern=r"^(none|v[1-9][0-9]{0,5})?$")
    tuner_python: str = ""
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
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise ValueError("it holds a name or a password: put the key into `api_key_file`")
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
    """A named set of maxima, which a kernelspec chooses by `profile`.

    Attributes:
        limits: Narrower limits than the server's; what is not set is the server's.
        isolation: As in the section itself; None takes the server's own.
        image: The image or environment, by id, tag or the beginning of its id; empty takes the newest.
    """

    limits: LimitOverrides = LimitOverrides()
    isolation: Isolation | None = None
    image: str = ""


class WarmPool(Wire):
    """How many started kernels wait for their single use, by language.

    They wait from a server's first use of a sandbox until none was used for as long as one may be
    idle, and only while the machine has memory to spare.

    Attributes:
        python: Python kernels that wait.
        r: R kernels that wait.
    """

    python: int = Field(default=1, ge=0, le=16)
    r: int = Field(default=0, ge=0, le=16)


class SandboxConfig(Wire):
    """The sandbox that generated code runs in.

    Attributes:
        runtime: "auto" takes Docker or Podman, else bubblewrap; "none" runs nothing.
        docker_host: The address of the daemon; empty takes DOCKER_HOST, else the usual sockets.
        isolation: "gvisor" uses gVisor where the daemon lists it, "require-gvisor" starts nothing
            without it, "runc" never takes it.
        limits: The administrator's maxima; profiles and requests only narrow them.
        profiles: Named sets of narrower maxima, which kernelspecs choose.
        max_sandboxes: How many sandboxes may work at once for generations and executions; the kernels
            of notebooks are not counted.
        warm: How many started kernels wait for their single use.
        allow_data: Let a person show a sandbox files of theirs, read-only.
        allow_packages: Let a person add packages to a sandbox's environment.
        packages_denied: Names of distributions that may never be added.
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
    """Jobs on this server, and how long what they told is kept.

    Attributes:
        max_jobs: How many generations run at once; fewer where the model takes fewer.
        max_jobs_kept: How many that have ended are kept in memory.
        max_events_kept: How many events of one job are kept for readers who come back.
        max_job_bytes: How large these may be.
        max_bytes_kept: How large those of all jobs may be; beyond it the oldest are forgotten.
        store_jobs: Keep jobs on the disk, too, so that they are there after a restart.
        jobs_folder: Where; empty is `jobs` in our data folder.
        max_jobs_stored: How many are kept on the disk; beyond it the oldest go.
        max_bytes_stored: How large the file may be; beyond it the oldest go.
        max_job_age_days: Older ones go.
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
    """Limits on the documentation that is read and indexed.

    Attributes:
        max_file_bytes: The largest file.
        max_total_bytes: The most of one source.
        max_files: The most files of a folder.
        max_pages: The most pages of a PDF.
        max_site_pages: The most pages of a website.
        max_site_depth: How many links from the page that was named are followed.
        site_timeout_s: How long a website may take; what was read until then is used.
        parse_memory_bytes: The memory of the process that reads documents.
        parse_timeout_s: Its time.
        fetch_timeout_s: How long one page may take.
        fetch_delay_s: Lies between two requests to one host, unless its robots.txt asks for more.
        fetch_max_bytes: The largest page, unpacked.
        allow_private_addresses: Read pages of private networks and of this machine, too: your lab's own, but
            also whatever answers there without a login.
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

    Attributes:
        max_pages: The most pages of a PDF.
        max_unpacked_bytes: What an archive may hold.
        max_unpacked_files: How many files it may hold.
        read_memory_bytes: The memory of the process that reads papers.
        read_timeout_s: Its time.
        fresh_s: A paper that was fetched is asked for again after so long.
        arxiv_url: Where papers of an arXiv id are fetched.
        ar5iv_url: Where their HTML is.
        doi_url: Where a DOI is resolved.
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

    Attributes:
        house_rules: Go into the instructions of the model.
        templates: A folder with templates that take the place of the built-in ones; empty is `templates`
            in our data folder.
        format_code: Lay a model's cells out, those of Python by ruff and those of R by the sandbox's styler,
            where these are installed; what they do stays the same.
        variables: The most that a model is told of those of a kernel: nothing, names with types and shapes,
            or columns of tables too; a person's own setting may only be less.
    """

    house_rules: str = Field(default="", max_length=4000)
    templates: str = ""
    format_code: bool = False
    variables: Literal["off", "types", "columns"] = "columns"


class FeedbackConfig(Wire):
    """What the server keeps of reviews: how each cell's ended, never code or words; it leaves no machine.

    Attributes:
        enabled: Keep it.
        max_file_bytes: Bounds a person's file; a full one is kept once more, and then forgotten.
        export: `jupyter gptoss dataset export` writes tasks and code to a dataset without asking each time.
    """

    enabled: bool = True
    export: bool = False
    max_file_bytes: int = Field(default=4 << 20, ge=1 << 16)


class MonitorConfig(Wire):
    """What the server keeps of how well it does: counts and times by model, never content and never names.

    Attributes:
        store: Keep them beyond the life of this server.
        folder: Where they are kept; `monitor` in our data folder where it is empty.
        max_age_days: When they are forgotten.
    """

    store: bool = True
    folder: str = ""
    max_age_days: float = Field(default=90.0, gt=0)


class RemoteConfig(Wire):
    """Another server with gptoss_lab that does the work of this one: it generates, indexes and runs cells.

    Attributes:
        url: Its address, with its base URL. Where it is empty and Jupyter was started with --gateway-url,
            the gateway is asked whether gptoss_lab is on it.
        follow_gateway: Whether that is asked; else a gateway runs the kernels of notebooks alone.
        token_env: The environment variable that holds its token.
        token_file: A file that holds it, where the variable is empty.
        owner_key_env: The environment variable of a second secret that both servers know. With it this
            server says for whom it asks, and the other believes it; it works for one owner without.
        owner_key_file: A file that holds it, where the variable is empty.
        ca_file: The certificates that its own is checked with; the system's where it is empty.
        same_files: Both servers find the same files under the same paths, so that these may be named.
        connect_timeout_s: How long a connection to it may take.
        silence_timeout_s: A stream of events without a sign of life for so long is given up.
    """

    url: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$")
    follow_gateway: bool = True
    token_env: str = "GPTOSS_LAB_REMOTE_TOKEN"  # noqa: S105 - the variable's name
    token_file: str = ""
    owner_key_env: str = "GPTOSS_LAB_OWNER_KEY"
    owner_key_file: str = ""
    ca_file: str = ""
    same_files: bool = False
    connect_timeout_s: float = Field(default=5.0, gt=0)
    silence_timeout_s: float = Field(default=60.0, gt=0)
