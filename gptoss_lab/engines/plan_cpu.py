"""The option for vLLM on the processor."""

from __future__ import annotations

from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.model_shape import GIB, ModelShape
from gptoss_lab.engines.plan_words import (
    SHORTER,
    assumed,
    gib,
    missing_install,
    too_long,
    too_small_cache,
    windows,
)
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Hardware, Option

WINDOW = 8_192  # a prompt is read at once here, and a processor reads a longer one for minutes
PROCESS_BYTES = int(2.5 * GIB)
TOKEN_BYTES = 64 << 10  # what the layers of gpt-oss-20b compute with for each token; estimated
MOST_CACHE_BYTES = 4 * GIB
SEQUENCES_AT_FULL_LENGTH = 2
SMALL_BYTES = 2 * GIB
SPEED = "Slow: others report 5 to 10 tokens/s on processors of servers. Not measured here."
LLAMA = "llama-server runs gpt-oss-20b on any processor in about 13 GiB; start it and attach it."


def cpu_option(config: ModelConfig, hardware: Hardware, shape: ModelShape, installed: Installed) -> Option:
    """Return the option: MXFP4 weights with Intel AMX only, bf16 ones on AVX2 or AVX-512.

    The processes of vLLM themselves take 2 GiB and more, as measured with a model of 50 MB.
    """
    refusal, hint = _refusal(config, hardware, shape)
    [tokens] = windows(config, shape, (WINDOW,))
    process = PROCESS_BYTES + tokens * TOKEN_BYTES
    cache = _cache(config, shape, tokens, hardware.available_bytes - process)
    need = shape.loaded_bytes + cache + process
    fits = not refusal and need <= hardware.available_bytes
    if not refusal:
        free = f"{gib(hardware.available_bytes)} of {gib(hardware.memory_bytes)} memory"
        end = f" with a window of {tokens:,} tokens, and {free} are free."
        refusal, hint = f"It takes about {gib(need)}{end}", "" if fits else SHORTER
    return Option(
        engine="vllm",
        title="vLLM on the processor",
        fits=fits,
        reasons=(refusal, *assumed(shape)),
        hint=hint,
        device="cpu",
        max_model_len=tokens,
        kv_cache_dtype=config.kv_cache_dtype,
        kv_cache_bytes=cache,
        memory_bytes=need,
        disk_bytes=shape.disk_bytes,
        speed=SPEED if fits and shape.loaded_bytes > SMALL_BYTES else "",
        install=missing_install(installed, "vllm", "cpu") if fits else "",
    )


def _refusal(config: ModelConfig, hardware: Hardware, shape: ModelShape) -> tuple[str, str]:
    """Say why this processor cannot serve whatever the memory; and what to do."""
    if words := _unsuited(hardware, shape):
        return words, LLAMA
    if words := too_long(config, shape):
        return words, SHORTER
    if words := too_small_cache(config, shape, min(windows(config, shape, (WINDOW,)))):
        return words, "Leave `kv_cache_bytes` unset, or set `max_model_len` lower."
    if config.kv_cache_dtype.startswith("fp8"):
        return (
            "On a processor the cache has the model's own type, not fp8.",
            "Leave `kv_cache_dtype` at auto.",
        )
    if (config.tensor_parallel_size or 1) > 1:
        return "On a processor the model is not divided.", "Leave `tensor_parallel_size` unset."
    return "", ""


def _unsuited(hardware: Hardware, shape: ModelShape) -> str:
    if hardware.system != "Linux" or hardware.machine not in {"x86_64", "AMD64"}:
        is_here = f"this is {hardware.machine} under {hardware.system}"
        return f"vLLM serves from x86 processors under Linux; {is_here}."
    if "avx2" not in hardware.cpu_features:
        return "vLLM needs a processor with AVX2."
    if not shape.quantization or "amx_tile" in hardware.cpu_features:
        return ""
    expanded = f"expanded to bf16 they take {gib(shape.dequantized_bytes)}"
    return (
        f"vLLM runs {shape.quantization.upper()} weights on a processor only with Intel AMX, which "
        f"{hardware.cpu or 'this one'} lacks; {expanded}, and {gib(hardware.available_bytes)} are free."
    )


def _cache(config: ModelConfig, shape: ModelShape, tokens: int, available_bytes: int) -> int:
    """Return the size of the cache: two full windows where there is room, one at least.

    vLLM would take nearly all memory that is there. Layers with a window count as full ones here, since
    the blocks of the processor's cache are large.
    """
    if config.kv_cache_bytes is not None:
        return config.kv_cache_bytes
    layer = 4 * shape.kv_heads * shape.head_dim
    one = layer * shape.layers * (tokens + 128 * config.max_num_seqs)
    room = available_bytes - shape.loaded_bytes
    return max(one, min(SEQUENCES_AT_FULL_LENGTH * one, MOST_CACHE_BYTES, room))
