"""What an engine's environment holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import FailureCode

Hosted = Literal["vllm", "transformers"]


@dataclass(frozen=True, slots=True)
class EnvironmentFault:
    """Why an environment cannot serve, and what to do."""

    code: FailureCode
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Installed:
    """The environments of the engines, as they are on this disk; versions are "" where there is none.

    Attributes:
        pythons: The interpreter of each engine that is installed and new enough.
        devices: What each was built for: "cuda", "rocm" or "cpu".
        faults: What is wrong with those that are there and cannot serve.
    """

    pythons: Mapping[Hosted, Path] = field(default_factory=dict)
    devices: Mapping[Hosted, str] = field(default_factory=dict)
    faults: Mapping[Hosted, EnvironmentFault] = field(default_factory=dict)
    vllm: str = ""
    torch: str = ""
    transformers: str = ""

    def require(self, engine: Hosted) -> Path:
        """Return the interpreter of an engine.

        Raises:
            EngineLoadError: It is not here, or cannot serve; `reason` says which.
        """
        if (fault := self.faults.get(engine)) is not None:
            raise EngineLoadError(fault.message, reason=fault.code, hint=fault.hint)
        if engine not in self.pythons:
            raise EngineLoadError(
                f"The engine {engine} is not installed",
                reason="engine_missing",
                hint=f"Run `jupyter gptoss model install --engine {engine}`.",
            )
        return self.pythons[engine]

    def serves(self, engine: Hosted, device: str) -> bool:
        """Say whether an engine can be started on a device with what is installed."""
        return engine in self.pythons and self.devices.get(engine) == device
