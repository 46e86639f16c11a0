"""What an engine's launcher promises to the supervisor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gptoss_lab.schemas.model import EngineFailure, EngineKind, EnginePhase


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine answers, and as what. `key` goes with each request; empty where none is asked."""

    socket: Path
    model: str
    key: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """The address as `ModelConfig.url` takes it."""
        return f"unix://{self.socket}"


@dataclass(frozen=True, slots=True)
class EngineSetting:
    """All that a start was decided with: the planner's choices, or the person's.

    Attributes:
        python: The interpreter of the engine's environment.
        weights: The folder of the weights, complete and on this disk.
        served_name: The name under which the model answers.
        device: "cuda", "rocm" or "cpu".
        devices: For CUDA_VISIBLE_DEVICES; empty leaves the environment's own.
        kv_cache_bytes: The size of the cache; None has the engine take what is left.
        speculative: The value of vLLM's --speculative-config; None does not speculate.
    """

    python: Path
    weights: Path
    served_name: str
    device: str = "cpu"
    devices: str = ""
    max_model_len: int = 8192
    max_num_seqs: int = 8
    gpu_memory_utilization: float | None = None
    kv_cache_dtype: str = "auto"
    kv_cache_bytes: int | None = None
    tensor_parallel_size: int = 1
    max_cudagraph_capture: int = 16
    optimization_level: int = 2
    eager: bool = False
    prefix_retention: int = 512
    speculative: Mapping[str, str | int] | None = None
    start_timeout_s: float = 1800.0
    shutdown_timeout_s: float = 10.0
    sleep: bool = False
    extra_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LaunchCommand:
    """How to start an engine. `env` is the whole environment of the child, not an addition to ours."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path


@dataclass(frozen=True, slots=True)
class LineFact:
    """What one line of the engine's log means; None leaves what was known.

    `fraction` is how far the phase itself has come, 0 to 1.
    """

    phase: EnginePhase | None = None
    fraction: float | None = None
    message: str = ""
    weights_bytes: int | None = None
    kv_bytes: int | None = None
    kv_tokens: int | None = None
    version: str = ""


class EngineLauncher(Protocol):
    """Knows one engine: its command, its words, and what its end means."""

    kind: EngineKind

    def command(self, setting: EngineSetting, endpoint: Endpoint) -> LaunchCommand:
        """Return how to start it."""

    def read_line(self, line: str) -> LineFact | None:
        """Return what a line of its log means; None for most."""

    def diagnose(
        self, phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting
    ) -> EngineFailure:
        """Return why it ended, or did not come up.

        Args:
            phase: How far it had come.
            code: Its exit status, negative for a signal; None while it runs.
            tail: Its last lines.
            setting: What it was started with.
        """
