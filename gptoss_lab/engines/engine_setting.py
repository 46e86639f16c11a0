"""From an option of a plan to what an engine is started with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gptoss_lab.engines.engine_flags import allowed_arguments
from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Option

NGRAM: Mapping[str, str | int] = {
    "method": "ngram",
    "num_speculative_tokens": 8,
    "prompt_lookup_min": 3,
    "prompt_lookup_max": 8,
}
SUFFIX: Mapping[str, str | int] = {"method": "suffix", "num_speculative_tokens": 32}


def setting_of(
    option: Option, config: ModelConfig, weights: Path, python: Path, *, speculator: Path | None = None
) -> EngineSetting:
    """Return what the engine of an option is started with.

    Args:
        option: One that this server hosts.
        config: The person's choices that are not the planner's.
        weights: The folder of the weights.
        python: The interpreter of the engine's environment.
        speculator: The folder of the draft model, for `speculative: eagle3`.

    Raises:
        EngineLoadError: The option is not hosted, or the configuration asks for what is never given.
    """
    if option.engine == "attached":
        raise EngineLoadError(
            "This server is attached, not started", reason="bad_flag", hint="Choose another option."
        )
    is_vllm = option.engine == "vllm"
    if config.extra_args and not is_vllm:
        hint = "Leave `extra_args` empty, or choose vLLM."
        raise EngineLoadError(
            "The transformers engine takes no further arguments", reason="bad_flag", hint=hint
        )
    device, _, devices = option.device.partition(":")
    return EngineSetting(
        python=python,
        weights=weights,
        served_name=config.name or config.source.rstrip("/").rpartition("/")[2] or "model",
        device=device,
        devices=devices,
        max_model_len=option.max_model_len,
        max_num_seqs=config.max_num_seqs,
        gpu_memory_utilization=option.gpu_memory_utilization,
        kv_cache_dtype=option.kv_cache_dtype or "auto",
        kv_cache_bytes=option.kv_cache_bytes,
        tensor_parallel_size=option.tensor_parallel_size,
        max_cudagraph_capture=config.max_cudagraph_capture,
        optimization_level=config.optimization_level,
        eager=config.eager,
        prefix_retention=config.prefix_retention,
        speculative=speculation(config, speculator) if is_vllm else None,
        start_timeout_s=config.start_timeout_s,
        shutdown_timeout_s=config.shutdown_timeout_s,
        sleep=config.sleep and is_vllm and device != "cpu",
        extra_args=allowed_arguments(config.extra_args, allow=config.allow_extra_args),
    )


def speculation(config: ModelConfig, speculator: Path | None = None) -> Mapping[str, str | int] | None:
    """Return how vLLM drafts tokens ahead; None where it does not.

    Raises:
        EngineLoadError: The draft model is not on this disk: the engine has no network.
    """
    if config.speculative == "off":
        return None
    if config.speculative != "eagle3":
        return NGRAM if config.speculative == "ngram" else SUFFIX
    if speculator is None or not speculator.is_dir():
        raise EngineLoadError(
            f"The draft model {config.speculator} is not on this disk",
            reason="gated_or_offline",
            hint="Start again with a network, or set `speculative` to ngram.",
        )
    return {"model": str(speculator), "num_speculative_tokens": 3, "method": "eagle3"}
