"""An option's choices as the flags of vLLM."""

from __future__ import annotations

from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Option


def plan_flags(option: Option, config: ModelConfig) -> Option:
    """Return the option with its choices as they would be given to the engine; only vLLM takes flags."""
    if option.engine != "vllm":
        return option
    flags = [f"--max-model-len={option.max_model_len}", f"--max-num-seqs={config.max_num_seqs}"]
    if option.gpu_memory_utilization is not None:
        flags.append(f"--gpu-memory-utilization={option.gpu_memory_utilization:.2f}")
    if option.kv_cache_bytes is not None:
        flags.append(f"--kv-cache-memory-bytes={option.kv_cache_bytes}")
    if option.kv_cache_dtype not in {"", "auto"}:
        flags.append(f"--kv-cache-dtype={option.kv_cache_dtype}")
    if option.tensor_parallel_size > 1:
        flags.append(f"--tensor-parallel-size={option.tensor_parallel_size}")
    return option.model_copy(update={"flags": tuple(flags)})
