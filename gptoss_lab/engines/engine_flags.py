"""Which further arguments of vLLM a person may give: none that load code, open doors or undo our own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from gptoss_lab.errors import EngineLoadError

RUNS_CODE = frozenset({
    "--trust-remote-code",
    "--code-revision",
    "--hf-overrides",
    "--hf-config-path",
    "--config-format",
    "--load-format",
    "--model-loader-extra-config",
    "--model-class-overrides",
    "--model-impl",
    "--tokenizer",
    "--tokenizer-mode",
    "--tokenizer-revision",
    "--skip-tokenizer-init",
    "--tool-parser-plugin",
    "--reasoning-parser-plugin",
    "--io-processor-plugin",
    "--logits-processors",
    "--logits-processor-pattern",
    "--middleware",
    "--worker-cls",
    "--worker-extension-cls",
    "--scheduler-cls",
    "--distributed-executor-backend",
    "--additional-config",
    "--compilation-config",
    "--kernel-config",
    "--kv-transfer-config",
    "--ec-transfer-config",
    "--ec-manager-config",
    "--weight-transfer-config",
    "--watermark-config",
    "--diffusion-config",
    "--lora-modules",
    "--enable-lora",
    "--default-mm-loras",
    "--pt-load-map-location",
    "--log-config-file",
    "--logging-config",
    "--config",
    "--speculative-config",
    "--spec-model",
    "--spec-method",
    "--quantization",
    "--ray-workers-use-nsight",
    "--mm-encoder-fp8-scale-path",
    "--mm-encoder-fp8-scale-save-path",
})
OPENS_DOORS = frozenset({
    "--host",
    "--port",
    "--uds",
    "--grpc",
    "--grpc-port",
    "--api-key",
    "--hf-token",
    "--root-path",
    "--allowed-origins",
    "--allowed-methods",
    "--allowed-headers",
    "--allow-credentials",
    "--allowed-local-media-path",
    "--allowed-media-domains",
    "--ssl-keyfile",
    "--ssl-certfile",
    "--ssl-ca-certs",
    "--ssl-cert-reqs",
    "--ssl-ciphers",
    "--enable-ssl-refresh",
    "--enable-offline-docs",
    "--enable-tokenizer-info-endpoint",
    "--enable-prompt-embeds",
    "--enable-mm-embeds",
    "--enable-scale-out",
    "--trust-request-chat-template",
    "--trust-request-mm-kwargs",
    "--tool-server",
    "--chat-template",
    "--default-chat-template-kwargs",
    "--headless",
    "--tokens-only",
    "--enable-elastic-ep",
    "--enable-fault-tolerance",
    "--fault-tolerance-config",
    "--nnodes",
    "--node-rank",
    "--master-addr",
    "--master-port",
    "--api-server-count",
    "--data-parallel-size",
    "--data-parallel-size-local",
    "--data-parallel-rank",
    "--data-parallel-start-rank",
    "--data-parallel-address",
    "--data-parallel-rpc-port",
    "--data-parallel-backend",
    "--data-parallel-external-lb",
    "--data-parallel-hybrid-lb",
    "--data-parallel-multi-port-external-lb",
    "--data-parallel-supervisor-port",
    "--kv-events-config",
    "--otlp-traces-endpoint",
    "--collect-detailed-traces",
    "--profiler-config",
    "--enable-log-requests",
    "--enable-log-outputs",
    "--enable-log-deltas",
    "--enable-trace-replay",
    "--max-log-len",
    "--uvicorn-log-level",
    "--log-error-stack",
})
OURS = {
    "--model": "source",
    "--revision": "revision",
    "--served-model-name": "name",
    "--download-dir": "source",
    "--max-model-len": "max_model_len",
    "--max-num-seqs": "max_num_seqs",
    "--gpu-memory-utilization": "gpu_memory_utilization",
    "--kv-cache-dtype": "kv_cache_dtype",
    "--kv-cache-memory-bytes": "kv_cache_bytes",
    "--tensor-parallel-size": "tensor_parallel_size",
    "--device-ids": "devices",
    "--max-cudagraph-capture-size": "max_cudagraph_capture",
    "--optimization-level": "optimization_level",
    "--enforce-eager": "eager",
    "--prefix-cache-retention-interval": "prefix_retention",
    "--shutdown-timeout": "shutdown_timeout_s",
    "--enable-sleep-mode": "sleep",
    "--enable-chunked-prefill": "",
    "--max-num-batched-tokens": "",
    "--enable-prompt-tokens-details": "",
    "--enable-force-include-usage": "",
    "--enable-per-request-metrics": "",
    "--enable-request-id-headers": "",
    "--disable-uvicorn-access-log": "",
    "--generation-config": "temperature",
    "--override-generation-config": "temperature",
}
NEVER = RUNS_CODE | OPENS_DOORS | OURS.keys()
MOST_WORDS = 64
MOST_CHARS = 2_000
_NAME = re.compile(r"--[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"-\d+(?:\.\d+)?")
_LOADS = re.compile(r"trust.?remote.?code|auto.?map|module.?path|(?:^|_)cls$|qualname|plugin", re.IGNORECASE)
WRITE_OUT = "Write each flag out as `--name value` or `--name=value`, as `vllm serve --help=all` lists it."


def allowed_arguments(words: Sequence[str], *, allow: bool) -> tuple[str, ...]:
    """Return the further arguments as they may be given to vLLM.

    vLLM takes underscores for hyphens, `--name.key value` for JSON, and any beginning of a name that is
    the only one: what could mean a forbidden flag is refused as if it were that.

    Raises:
        EngineLoadError: They are not allowed at all, or one of them never is (`bad_flag`).
    """
    if words and not allow:
        _refuse("Further arguments of the engine are refused", "Set `allow_extra_args` if you want them.")
    if len(words) > MOST_WORDS or any(len(word) > MOST_CHARS or "\0" in word for word in words):
        _refuse("The further arguments of the engine are too many or too long", "Give fewer.")
    if words and not words[0].startswith("--"):
        _refuse(f"{words[0]!r} does not begin with a flag's name", WRITE_OUT)
    for word in words:
        if word.startswith("-") and not _NUMBER.fullmatch(word):
            _check_flag(word)
        else:
            _check_value(word)
    return tuple(words)


def flag_name(word: str) -> str:
    """Return the name of a flag in the one form that can be compared.

    Raises:
        EngineLoadError: It is not written out.
    """
    name = re.split(r"[=.+]", word, maxsplit=1)[0].replace("_", "-")
    if not _NAME.fullmatch(name):
        _refuse(f"{word.partition('=')[0][:40]!r} is not the full name of a flag", WRITE_OUT)
    return name


def _check_flag(word: str) -> None:
    name = flag_name(word)
    plain = f"--{name.removeprefix('--no-')}" if name.startswith("--no-") else name
    meant = plain if plain in NEVER else next((flag for flag in sorted(NEVER) if flag.startswith(plain)), "")
    if meant in OURS:
        field = OURS[meant]
        hint = (
            f"Set `{field}` in the configuration of the model."
            if field
            else "It is always given; leave it out."
        )
        _refuse(f"{name} is not taken as a further argument", hint)
    if meant:
        what = (
            "it loads code"
            if meant in RUNS_CODE
            else "it opens the engine to others, or shows what it is asked"
        )
        also = f" (as a beginning of {meant})" if meant != plain else ""
        _refuse(f"{name}{also} is never allowed: {what}", "Leave it out.")
    _check_value(word.partition("=")[2])
    if _LOADS.search(word.partition("=")[0].replace("-", "_")):
        _refuse(f"{word.partition('=')[0]} is never allowed: it names code to load", "Leave it out.")


def _check_value(value: str) -> None:
    """Refuse a value whose JSON names code to load, however its letters are written.

    Raises:
        EngineLoadError: It does.
    """
    try:
        said = json.loads(value)
    except ValueError:  # not JSON, so a plain word
        return
    if any(_LOADS.search(key) for key in _keys(said)):
        _refuse("A further argument names code to load, which is never allowed", "Leave it out.")


def _keys(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield str(key)
            yield from _keys(value)
    elif isinstance(said, list):
        for value in said:
            yield from _keys(value)


def _refuse(message: str, hint: str) -> NoReturn:
    raise EngineLoadError(message, reason="bad_flag", hint=hint)
