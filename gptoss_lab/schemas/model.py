"""The model service as it stands: what is loaded, how far it has come, what went wrong."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire

EngineKind = Literal["vllm", "transformers", "attached"]

EnginePhase = Literal[
    "unconfigured",
    "stopped",
    "resolving",
    "downloading",
    "starting",
    "loading_weights",
    "compiling",
    "allocating_kv",
    "capturing_graphs",
    "warming",
    "ready",
    "busy",
    "sleeping",
    "draining",
    "restarting",
    "failed",
]
LOADING: tuple[EnginePhase, ...] = (
    "resolving",
    "downloading",
    "starting",
    "loading_weights",
    "compiling",
    "allocating_kv",
    "capturing_graphs",
    "warming",
)
SERVING: tuple[EnginePhase, ...] = ("ready", "busy")

FailureCode = Literal[
    "oom_gpu",
    "oom_host",
    "no_disk",
    "gated_or_offline",
    "wrong_revision",
    "corrupt_weights",
    "bad_flag",
    "engine_missing",
    "version_too_old",
    "port_or_socket",
    "no_amx_mxfp4",
    "no_hardware",
    "driver",
    "timeout",
    "hung",
    "crashed",
    "unreachable",
    "refused_key",
]


class EngineFailure(Wire):
    """Why the model is not there. `log_tail` are the engine's last lines, without prompts or answers."""

    phase: EnginePhase
    code: FailureCode
    message: str
    hint: str
    log_tail: tuple[str, ...] = ()


class EngineProgress(Wire):
    """How far a start has come.

    `percent` is that of the whole start, learnt from the last one on this machine; None where there
    was none. `done_bytes` and `total_bytes` are those of a download, 0 elsewhere.
    """

    percent: float | None = Field(default=None, ge=0, le=100)
    remaining_s: float | None = Field(default=None, ge=0)
    elapsed_s: float = Field(default=0.0, ge=0)
    done_bytes: int = Field(default=0, ge=0)
    total_bytes: int = Field(default=0, ge=0)
    message: str = ""


class EngineMemory(Wire):
    """What the engine holds, as far as it says so. `kv_tokens` is the room of the cache."""

    weights_bytes: int | None = None
    kv_bytes: int | None = None
    kv_tokens: int | None = None
    resident_bytes: int | None = None
    gpu_bytes: int | None = None


class EngineMetrics(Wire):
    """What the engine measured since its start; None where it does not say.

    Attributes:
        ttft_s: Mean time to the first token.
        tokens_per_s: Mean speed of one answer.
        cached_fraction: Prompt tokens that the prefix cache served, of all.
        kv_usage: The part of the cache that is in use, 0 to 1.
        accepted_fraction: Speculative tokens that were accepted, of those drafted.
    """

    running: int | None = None
    waiting: int | None = None
    ttft_s: float | None = None
    tokens_per_s: float | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    generated_tokens: int | None = None
    cached_fraction: float | None = None
    kv_usage: float | None = None
    accepted_fraction: float | None = None


class QueueState(Wire):
    """The generations on this server: those that run, those that wait, and how many may run at a time."""

    running: int = 0
    waiting: int = 0
    slots: int = 1


class FoundServer(Wire):
    """A model server on this machine that may be attached; it is never taken silently."""

    name: str
    url: str
    models: tuple[str, ...] = ()


class ModelState(Wire):
    """The model service now.

    Attributes:
        engine: What serves it; None where nothing is configured and nothing was started.
        hosted: The engine is a child of this server, which can start and stop it.
        model: The name under which it answers.
        source: The repository or folder of the weights, or the address of an attached server.
        revision: The pinned revision of the repository.
        max_model_len: The tokens that a prompt and its answer may have together.
        found: Servers on this machine that could be attached.
        restarts: How often it was started again since the person started it.
        started_at: When it became ready, ISO 8601.
    """

    engine: EngineKind | None = None
    phase: EnginePhase = "unconfigured"
    hosted: bool = False
    model: str = ""
    source: str = ""
    revision: str = ""
    version: str = ""
    max_model_len: int | None = None
    progress: EngineProgress | None = None
    failure: EngineFailure | None = None
    memory: EngineMemory = EngineMemory()
    metrics: EngineMetrics = EngineMetrics()
    queue: QueueState = QueueState()
    restarts: int = 0
    started_at: str = ""
    can_start: bool = False
    can_stop: bool = False
    found: tuple[FoundServer, ...] = ()


class ModelLogs(Wire):
    """The engine's last lines, oldest first; never a prompt or an answer."""

    lines: tuple[str, ...] = ()


class StartRequest(Wire):
    """Start the hosted engine, or attach a server that was found. All empty: as configured."""

    attach: str = Field(default="", max_length=400)


class Gpu(Wire):
    """One accelerator. `capability` is CUDA's compute capability, "9.0", or ROCm's target, "gfx942"."""

    index: int
    name: str
    kind: Literal["cuda", "rocm", "xpu"] = "cuda"
    total_bytes: int
    free_bytes: int
    capability: str = ""
    driver: str = ""
    uuid: str = ""


class Hardware(Wire):
    """What this machine has, as far as a model cares. `missing` says what could not be asked."""

    gpus: tuple[Gpu, ...] = ()
    cpu: str = ""
    cores: int = 1
    cpu_features: tuple[str, ...] = ()
    memory_bytes: int = 0
    available_bytes: int = 0
    disk_free_bytes: int = 0
    system: str = ""
    machine: str = ""
    missing: tuple[str, ...] = ()


class Option(Wire):
    """One way to serve the model here. `reasons` say why it does not fit, or what it costs.

    `device` is "cpu", or the kind of accelerator and which ones: "cuda:0,1". `flags` are the engine's own,
    as they would be given; `memory_bytes` is what it would take on the device, `disk_bytes` what the
    weights take; `install` is the command that is missing, if any.
    """

    engine: EngineKind
    title: str
    fits: bool
    reasons: tuple[str, ...] = ()
    hint: str = ""
    device: str = ""
    max_model_len: int = 0
    kv_cache_dtype: str = ""
    gpu_memory_utilization: float | None = None
    kv_cache_bytes: int | None = None
    tensor_parallel_size: int = 1
    memory_bytes: int = 0
    disk_bytes: int = 0
    speed: str = ""
    install: str = ""
    flags: tuple[str, ...] = ()


class ModelPlan(Wire):
    """What fits this machine and what does not, best first. `chosen` is the place in `options`, or None."""

    model: str
    hardware: Hardware
    options: tuple[Option, ...] = ()
    chosen: int | None = None
    summary: str = ""
    found: tuple[FoundServer, ...] = ()
