"""Start our own worker on transformers, and read its words. For machines that vLLM does not serve.

It computes one answer at a time, keeps the attention of all layers in full, and knows no speculation,
no tensor parallelism and no other type of cache than the model's own: those settings are vLLM's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from gptoss_lab.engines.launch import Endpoint, EngineSetting, LaunchCommand, LineFact
from gptoss_lab.schemas.model import LOADING, EngineFailure, EngineKind, EnginePhase, FailureCode

MAIN = Path(__file__).parent / "worker" / "main.py"
_KEY_VARIABLE = "GPTOSS_WORKER_KEY"  # as worker/options.py reads it
_LINE = re.compile(r"\[worker\] (?P<phase>\w+)(?P<facts>(?: \w+=\S+)*)(?: (?P<message>.*))?$")
_FAILED = re.compile(r"\[worker\] failed code=(?P<code>\w+) (?P<message>.*)$")
_MODULE = re.compile(r"No module named '([^']+)'")
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "XDG_CACHE_HOME",
    "HF_HOME",
    "CUDA_HOME",
    "ROCM_PATH",
    "HIP_VISIBLE_DEVICES",
    "HSA_OVERRIDE_GFX_VERSION",
)
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_MAX_TAIL_LINES = 40
_KILLED, _ILLEGAL_INSTRUCTION = -9, -4
_USAGE, _NOT_FOUND = 2, 127
_HINTS: dict[str, str] = {
    "oom_gpu": "Close what else uses the GPU, lower max_model_len, or choose a smaller model.",
    "oom_host": "Close other programs, or attach a server: `jupyter gptoss model plan` says what fits here.",
    "corrupt_weights": "Remove the folder of the weights and start again: they are downloaded anew.",
    "engine_missing": "Run `jupyter gptoss model install`; it makes the engine's environment.",
    "version_too_old": "Run `jupyter gptoss model install`; it brings torch and transformers up to date.",
    "driver": "Check with nvidia-smi (or rocm-smi) that the driver answers, and that torch was built for it.",
    "port_or_socket": "Another engine may run in the same folder, or the folder is not writable.",
    "bad_flag": "Correct the source or the extra arguments of the model's configuration.",
    "no_hardware": "This build of torch needs a newer processor; install another one, or attach a server.",
    "timeout": "Large models take minutes on a slow disk: raise start_timeout_s, or look at the log.",
    "hung": "It is started again; if it happens often, look at the log and lower max_model_len.",
    "crashed": "`jupyter gptoss model logs` shows its last words.",
}


class TransformersLauncher:
    """Knows the worker of `engines/worker`; see `EngineLauncher`."""

    kind: EngineKind = "transformers"

    def command(self, setting: EngineSetting, endpoint: Endpoint) -> LaunchCommand:
        """Return how to start it.

        Args:
            setting: What to serve, and on what.
            endpoint: Where it is to answer.
        """
        options = {
            "--weights": str(setting.weights),
            "--socket": str(endpoint.socket),
            "--name": setting.served_name,
            "--device": "cpu" if setting.device == "cpu" else "cuda",
            "--max-model-len": str(setting.max_model_len),
            "--max-waiting": str(setting.max_num_seqs),
        }
        if setting.gpu_memory_utilization is not None and setting.device != "cpu":
            options["--gpu-fraction"] = str(setting.gpu_memory_utilization)
        if setting.kv_cache_bytes is not None:
            options["--kv-cache-bytes"] = str(setting.kv_cache_bytes)
        words = [word for pair in options.items() for word in pair]
        argv = [str(setting.python), "-I", str(MAIN), *words, *setting.extra_args]
        return LaunchCommand(argv, _environment(setting, endpoint), endpoint.socket.parent)

    def read_line(self, line: str) -> LineFact | None:
        """Return what a line of its log means.

        Args:
            line: One line.
        """
        found = _LINE.search(line.strip())
        if found is None:
            return None
        facts = dict(pair.split("=", 1) for pair in found["facts"].split())
        message = found["message"] or ""
        if found["phase"] == "starting":
            return LineFact(phase="starting", version=facts.get("version", ""))
        if found["phase"] == "loading_weights":
            return LineFact(phase="loading_weights", fraction=_fraction(facts), message=message)
        if found["phase"] == "warming":
            return LineFact(phase="warming", message=message)
        if found["phase"] == "memory":
            return LineFact(
                weights_bytes=_count(facts, "weights_bytes"),
                kv_bytes=_count(facts, "kv_bytes"),
                kv_tokens=_count(facts, "kv_tokens"),
            )
        return None

    def diagnose(
        self, phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting
    ) -> EngineFailure:
        """Return why it ended, or did not come up; see `EngineLauncher.diagnose`.

        Args:
            phase: How far it had come.
            code: Its exit status, negative for a signal; None while it runs.
            tail: Its last lines.
            setting: What it was started with.
        """
        reason, message = _said(tail) or _guessed(phase, code, tail, setting)
        kept = tuple(tail[-_MAX_TAIL_LINES:])
        return EngineFailure(phase=phase, code=reason, message=message, hint=_HINTS[reason], log_tail=kept)


def _environment(setting: EngineSetting, endpoint: Endpoint) -> dict[str, str]:
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    env |= _QUIET | {"OMP_NUM_THREADS": str(cores), "MKL_NUM_THREADS": str(cores)}
    if endpoint.key:
        env[_KEY_VARIABLE] = endpoint.key
    if setting.device == "cpu":
        env["CUDA_VISIBLE_DEVICES"] = ""
    elif setting.devices or "CUDA_VISIBLE_DEVICES" in os.environ:
        env["CUDA_VISIBLE_DEVICES"] = setting.devices or os.environ["CUDA_VISIBLE_DEVICES"]
    if setting.devices:
        env["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # the numbers are those of nvidia-smi
    return env


def _fraction(facts: dict[str, str]) -> float | None:
    percent = _count(facts, "percent")
    return None if percent is None else min(percent, 100) / 100


def _count(facts: dict[str, str], name: str) -> int | None:
    value = facts.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else None


def _said(tail: Sequence[str]) -> tuple[FailureCode, str] | None:
    """Return what the worker itself gave as the reason."""
    for line in reversed(tail):
        found = _FAILED.search(line.strip())
        if found:
            for code in get_args(FailureCode):
                if code == found["code"] and code in _HINTS:
                    return code, found["message"]
    return None


def _guessed(
    phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting
) -> tuple[FailureCode, str]:
    """Return the reason of an end that the worker could not speak of."""
    if code is None:
        if phase in LOADING:
            return "timeout", f"The model was not ready after {setting.start_timeout_s:.0f} seconds"
        return "hung", "The engine runs, but gives no answer"
    missing = next((found[1] for line in reversed(tail) if (found := _MODULE.search(line))), "")
    if missing:
        return "engine_missing", f"The engine's environment lacks {missing}"
    by_code: dict[int, tuple[FailureCode, str]] = {
        _KILLED: ("oom_host", "The system killed the engine, most likely because memory ran out"),
        _ILLEGAL_INSTRUCTION: ("no_hardware", "The processor lacks an instruction that the engine uses"),
        _USAGE: ("bad_flag", "The engine does not know one of its arguments"),
        _NOT_FOUND: ("engine_missing", f"There is no Python at {setting.python}"),
    }
    return by_code.get(code, ("crashed", _ended(code)))


def _ended(code: int) -> str:
    return f"The engine was ended by signal {-code}" if code < 0 else f"The engine ended with status {code}"
