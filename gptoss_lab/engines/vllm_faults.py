"""Why vLLM ended, from its status and its last lines."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.schemas.model import EngineFailure, EnginePhase, FailureCode

_SHOWN_LINES = 40
_MAX_CAUSE_CHARS = 300
_NOISE = re.compile(r"nanobind|^ - (?:leaked|\.\.\.)|Route: |^\s*$|^\s+\^+\s*$")
_PREFIX = re.compile(r"^(?:\([^)]*\) )?(?:[A-Z]+ \d\d-\d\d [\d:]+ \[[^\]]*\] ?)?")
_CAUSE = re.compile(r"^(?:[\w.]*\.)?\w*(?:Error|Exception|Exit)\b: \S")
_FOLLOWS = re.compile(r"See root cause|See stack trace|EngineCore encountered an issue")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. `message` may name what the pattern's first group found."""

    pattern: re.Pattern[str]
    code: FailureCode
    message: str
    hint: str


def _fault(pattern: str, code: FailureCode, message: str, hint: str) -> Fault:
    return Fault(re.compile(pattern), code, message, hint)


_INSTALL = "Run `jupyter gptoss model install`, or set engine_python to a Python that has vLLM 0.32 or newer."
_LESS_GPU = (
    "Close what else uses the GPU, lower max_model_len or gpu_memory_utilization, "
    "or take a smaller model; `jupyter gptoss model plan` shows what fits."
)
_LESS_HOST = (
    "Close other programs, lower max_model_len or kv_cache_bytes, or take a machine with more memory."
)
_AGAIN = "Remove the folder of the weights and start again: they are downloaded anew."

_FAULTS: tuple[Fault, ...] = (
    _fault(
        r"tether: cannot start (\S+): ",
        "engine_missing",
        "The Python of the engine, {0}, cannot be started",
        _INSTALL,
    ),
    _fault(
        r"No module named '?(vllm\.entrypoints[\w.]*)",
        "version_too_old",
        "This vLLM is too old: it has no {0}",
        _INSTALL,
    ),
    _fault(
        r"No module named '?vllm\b",
        "engine_missing",
        "The engine's environment has no vLLM",
        _INSTALL,
    ),
    _fault(
        r"(?:error: argument |error: unrecognized arguments: |error: ambiguous option: )(.*)",
        "bad_flag",
        "vLLM does not take an argument: {0}",
        "Correct extra_args or the option that it names in the configuration of the model.",
    ),
    _fault(
        r"No MXFP4 MoE backend supports|CPUExpertsMxfp4[^\n]*not support",
        "no_amx_mxfp4",
        "These weights are MXFP4, for which this processor has no kernels: it lacks Intel AMX",
        "Attach a llama-server or Ollama, which run the model on such a processor, or use a GPU.",
    ),
    _fault(
        r"(SafetensorError|MetadataIncompleteBuffer|HeaderTooLarge|InvalidHeaderDeserialization)",
        "corrupt_weights",
        "A file of the weights is damaged or incomplete",
        _AGAIN,
    ),
    _fault(
        r"No space left on device",
        "no_disk",
        "The disk is full",
        "Free space in the cache and in the temporary folder, then start again.",
    ),
    _fault(
        r"driver version is insufficient|driver on your system is too old|no kernel image is available"
        r"|libcuda\.so[^\n]*cannot open|cudaErrorInsufficientDriver|forward compatibility was attempted",
        "driver",
        "The driver of the GPU does not fit this vLLM",
        "Update the GPU's driver, or install a vLLM for the older CUDA.",
    ),
    _fault(
        r"No CUDA GPUs are available|Failed to infer device type|no CUDA-capable device",
        "no_hardware",
        "vLLM finds no device that it can use",
        "Check the GPU and CUDA_VISIBLE_DEVICES; `jupyter gptoss model plan` shows what is there.",
    ),
    _fault(
        r"CUDA out of memory|HIP out of memory|OutOfMemoryError|CUDA error: out of memory"
        r"|Free memory on device .* is less than",
        "oom_gpu",
        "The GPU has too little free memory for the model",
        _LESS_GPU,
    ),
    _fault(
        r"larger than the available KV cache|No available memory for the cache blocks",
        "oom_gpu",
        "The cache is too small for a conversation of this length",
        "Lower max_model_len, or raise gpu_memory_utilization or kv_cache_bytes.",
    ),
    _fault(
        r"Cannot allocate memory|MemoryError|std::bad_alloc|can't allocate memory"
        r"|core proc\(s\): \{[^}]*-9|exit code: -9\)",
        "oom_host",
        "This machine ran out of memory",
        _LESS_HOST,
    ),
    _fault(
        r"Address already in use|AF_UNIX path too long|Errno 13\] Permission denied: '[^']*\.sock",
        "port_or_socket",
        "The socket of the engine cannot be used",
        "Set XDG_RUNTIME_DIR to a short folder of your own, then start again.",
    ),
    _fault(
        r"GatedRepoError|LocalEntryNotFoundError|OfflineModeIsEnabled|outgoing traffic has been disabled",
        "gated_or_offline",
        "The engine looked for a file on the network, which it may not",
        "The folder of the weights lacks a file. " + _AGAIN,
    ),
    _fault(
        r"^ModuleNotFoundError: No module named '([\w.]+)",
        "engine_missing",
        "The engine's environment lacks the module {0}",
        _INSTALL,
    ),
)
_EXITS: dict[int, tuple[FailureCode, str, str]] = {
    -signal.SIGKILL: (
        "oom_host",
        "The engine was killed, as the system does where memory runs out",
        _LESS_HOST,
    ),
    -signal.SIGILL: (
        "no_hardware",
        "This processor lacks an instruction that the engine's build needs",
        "Install a vLLM that was built for this processor.",
    ),
}


def diagnose(
    phase: EnginePhase, code: int | None, tail: Sequence[str], setting: EngineSetting, *, ours: frozenset[str]
) -> EngineFailure:
    """Return why it ended; see `EngineLauncher.diagnose`.

    Args:
        phase: How far it had come.
        code: Its exit status.
        tail: Its last lines.
        setting: What it was started with.
        ours: The flags that we gave: an engine that does not know one of them is too old.
    """
    lines = [line for line in tail if not _NOISE.search(line)]
    shown = tuple(line[:_MAX_CAUSE_CHARS] for line in lines[-_SHOWN_LINES:])
    for fault in _FAULTS:
        found = next((match for line in lines if (match := fault.pattern.search(line))), None)
        if found:
            return _refined(fault, found, phase, setting, ours).model_copy(update={"log_tail": shown})
    if code in _EXITS:
        kind, message, hint = _EXITS[code]
        return EngineFailure(phase=phase, code=kind, message=message, hint=hint, log_tail=shown)
    cause = _cause(lines)
    how = f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"
    return EngineFailure(
        phase=phase,
        code="crashed",
        message=f"The engine ended {how}{': ' if cause else ''}{cause}",
        hint="`jupyter gptoss model logs` shows its last words; `model plan` shows what fits this machine.",
        log_tail=shown,
    )


def _refined(
    fault: Fault, found: re.Match[str], phase: EnginePhase, setting: EngineSetting, ours: frozenset[str]
) -> EngineFailure:
    named = found[1].strip()[:_MAX_CAUSE_CHARS] if found.groups() else ""
    code, message, hint = fault.code, fault.message.format(named), fault.hint
    flags = {word.partition("=")[0] for word in named.split() if word.startswith("--")}
    if code == "bad_flag" and "unrecognized" in found[0] and flags & ours and not flags - ours:
        code, message = "version_too_old", f"This vLLM is too old: it does not know {' '.join(sorted(flags))}"
        hint = _INSTALL
    if code == "oom_gpu" and setting.device == "cpu":
        code, hint = "oom_host", "Lower max_model_len, or raise kv_cache_bytes."
    return EngineFailure(phase=phase, code=code, message=message, hint=hint)


def _cause(lines: Sequence[str]) -> str:
    """Return the first exception that is not only the echo of another."""
    for line in lines:
        text = _PREFIX.sub("", line)
        if _CAUSE.match(text) and not _FOLLOWS.search(text):
            return text[:_MAX_CAUSE_CHARS]
    return ""
