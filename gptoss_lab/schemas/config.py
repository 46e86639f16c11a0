"""Configuration as the inside sees it: traitlets at the door become these."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from gptoss_lab.schemas.access_config import AccessConfig as AccessConfig  # noqa: PLC0414 - a section as the others
from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import LimitOverrides, Limits
from gptoss_lab.schemas.log_config import LogConfig as LogConfig  # noqa: PLC0414 - a section as the others
from gptoss_lab.schemas.model_config import ModelConfig as ModelConfig  # noqa: PLC0414 - a section as the others
from gptoss_lab.schemas.sandboxes import Isolation


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
