"""The options for the transformers engine: what vLLM does not serve, slowly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.model_shape import GIB, ModelShape
from gptoss_lab.engines.plan_words import (
    CUDA_KERNELS_BYTES,
    SHORTER,
    assumed,
    gib,
    missing_install,
    too_long,
    windows,
)
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Gpu, Hardware, Option

WINDOWS = (8_192, 4_096, 2_048)
PROCESS_BYTES = int(1.5 * GIB)
SMALL_BYTES = 2 * GIB
KEPT_PROMPTS = 2  # those that the worker remembers, in full in all layers
CHUNK_TOKENS = 256  # what it computes of a prompt at a time
# Both of a model with the 20B's shape and made-up weights in bfloat16: an H100, and 16 cores of a Xeon.
SPEED_GPU = "Slow: one answer at a time. An H100 gave 22 tokens/s (it read 4,100/s). Not measured here."
SPEED_CPU = (
    "Very slow: 16 cores gave 4 tokens/s (they read 140/s); a laptop gives fewer than one. Not measured here."
)
OTHER = "llama-server runs gpt-oss-20b in about 13 GiB; start it and attach it."
FEWER = "Set `max_model_len` lower, or attach llama-server, which needs about 13 GiB."


def transformers_options(
    config: ModelConfig, hardware: Hardware, gpus: Sequence[Gpu], shape: ModelShape, installed: Installed
) -> list[Option]:
    """Return the option on the GPUs, where there are any, and that on the processor."""
    options = [_option(config, hardware, (), shape, installed)]
    cuda = sorted((gpu for gpu in gpus if gpu.kind == "cuda"), key=lambda gpu: -gpu.free_bytes)
    if cuda:
        options.insert(0, _option(config, hardware, cuda, shape, installed))
    return options


def _option(
    config: ModelConfig, hardware: Hardware, gpus: Sequence[Gpu], shape: ModelShape, installed: Installed
) -> Option:
    """Return the option on the GPU with most free memory, on all of them, or on the processor without any."""
    weights, format_words = _weights(shape)
    used = gpus[:1] if gpus and weights < gpus[0].free_bytes else gpus
    free = sum(gpu.free_bytes for gpu in used) if used else hardware.available_bytes
    base = weights + (CUDA_KERNELS_BYTES * len(used) if used else PROCESS_BYTES)
    tokens, need = 0, 0
    for tokens in windows(config, shape, WINDOWS):
        need = base + _cache_bytes(shape, tokens) + shape.score_bytes(tokens, CHUNK_TOKENS)
        if need <= free:
            break
    refusal = _refusal(config, shape)
    fits = not refusal and need <= free
    place = "GPU memory" if used else "memory"
    words = (
        f"It takes about {gib(need)} with a window of {tokens:,} tokens ({format_words}), "
        f"and {gib(free)} of {place} are free."
    )
    device = f"cuda:{','.join(str(gpu.index) for gpu in used)}" if used else "cpu"
    return Option(
        engine="transformers",
        title=f"transformers on {_place(used)}",
        fits=fits,
        reasons=(refusal or words, *assumed(shape)),
        hint="" if fits else (SHORTER if refusal else FEWER if base < free else OTHER),
        device=device,
        max_model_len=tokens,
        kv_cache_dtype="auto",
        memory_bytes=need,
        disk_bytes=shape.disk_bytes,
        speed=(SPEED_GPU if used else SPEED_CPU) if fits and weights > SMALL_BYTES else "",
        install=missing_install(installed, "transformers", "cuda" if used else "cpu") if fits else "",
    )


def _weights(shape: ModelShape) -> tuple[int, str]:
    """Return what the weights take and in which format.

    The kernels of MXFP4 come from the Hub when they are first used, and the engine has no network then:
    only who has them there already needs less.
    """
    if not shape.quantization:
        return shape.loaded_bytes, "bf16 weights"
    return shape.dequantized_bytes, "weights expanded to bf16"


def _cache_bytes(shape: ModelShape, tokens: int) -> int:
    """Return the room of the prompts that are remembered: also layers with a window keep them whole."""
    return KEPT_PROMPTS * replace(shape, window=0).kv_bytes(tokens, 1)


def _refusal(config: ModelConfig, shape: ModelShape) -> str:
    if config.kv_cache_dtype.startswith("fp8"):
        return "The transformers engine has no fp8 cache."
    return too_long(config, shape)


def _place(gpus: Sequence[Gpu]) -> str:
    if not gpus:
        return "the processor"
    return gpus[0].name if len(gpus) == 1 else f"{len(gpus)} GPUs together"
