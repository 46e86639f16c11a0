"""Options for vLLM on accelerators: one of them, or 2, 4, 8 equal ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.model_shape import ModelShape
from gptoss_lab.engines.plan_words import (
    CUDA_KERNELS_BYTES,
    SHORTER,
    assumed,
    gib,
    missing_install,
    too_long,
    too_small_cache,
    windows,
)
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Gpu, Option

UTILIZATIONS = (0.85, 0.92)
SPARE_BYTES = 300 << 20
LARGE_BYTES = 70 << 30
OLDEST = (8, 0)
OLDEST_FP8 = (8, 9)
OLDEST_DRIVER = 580
ROCM_SUPPORTED = ("gfx90a", "gfx942", "gfx95", "gfx110", "gfx115", "gfx120")
SPEED = "Not measured here; others report 100 to 300 tokens/s for one answer on recent cards."


@dataclass(frozen=True, slots=True)
class _Choice:
    """A window and a utilisation, and what they take of one device and leave."""

    tokens: int
    utilization: float
    need_bytes: int
    room_bytes: int

    @property
    def fits(self) -> bool:
        return self.need_bytes <= self.room_bytes


def gpu_options(
    config: ModelConfig, gpus: Sequence[Gpu], shape: ModelShape, installed: Installed
) -> list[Option]:
    """Return one option for each kind of GPU, and for each number of equal ones that can share the model."""
    return [
        gpu_option(config, equal[:count], shape, installed)
        for equal in equal_gpus(gpus)
        for count in counts(config, len(equal), shape)
    ]


def equal_gpus(gpus: Sequence[Gpu]) -> list[list[Gpu]]:
    """Return the GPUs by kind, those with most free memory first."""
    kinds: dict[tuple[str, int], list[Gpu]] = {}
    for gpu in sorted(gpus, key=lambda gpu: -gpu.free_bytes):
        kinds.setdefault((gpu.name, gpu.total_bytes), []).append(gpu)
    return sorted(kinds.values(), key=lambda equal: -equal[0].free_bytes)


def counts(config: ModelConfig, available: int, shape: ModelShape) -> list[int]:
    """Return over how many GPUs to spread the model; what the person asks for, or powers of two."""
    if config.tensor_parallel_size is not None:
        return [min(config.tensor_parallel_size, available)]
    most = min(available, shape.heads, shape.kv_heads)
    return [1 << power for power in range(max(1, most).bit_length())]


def gpu_option(config: ModelConfig, gpus: Sequence[Gpu], shape: ModelShape, installed: Installed) -> Option:
    """Return the option for a set of equal GPUs, with the best window that fits."""
    refusal, hint = _refusal(config, gpus, shape)
    choice = _choose(config, gpus, shape)
    fits = not refusal and choice.fits
    if not refusal:
        refusal, hint = _sentence(config, gpus[0], shape, choice)
    first, count = gpus[0], len(gpus)
    device = f"{first.kind}:{','.join(_address(gpu) for gpu in gpus)}"
    return Option(
        engine="vllm",
        title=f"vLLM on {f'{count} x ' if count > 1 else ''}{first.name}",
        fits=fits,
        reasons=(refusal, *(_warnings(first) if fits else ()), *assumed(shape)),
        hint=hint,
        device=device,
        max_model_len=choice.tokens,
        kv_cache_dtype=config.kv_cache_dtype,
        gpu_memory_utilization=choice.utilization,
        kv_cache_bytes=config.kv_cache_bytes,
        tensor_parallel_size=count,
        memory_bytes=choice.need_bytes,
        disk_bytes=shape.disk_bytes,
        speed=SPEED if fits else "",
        install=missing_install(installed, "vllm", first.kind) if fits else "",
    )


def _choose(config: ModelConfig, gpus: Sequence[Gpu], shape: ModelShape) -> _Choice:
    """Return the longest window with the lowest utilisation that fits; else the one that came closest."""
    asked = config.gpu_memory_utilization
    most = min(_highest(gpu) for gpu in gpus)
    utilizations = (asked,) if asked is not None else tuple(min(wanted, most) for wanted in UTILIZATIONS)
    total = min(gpu.total_bytes for gpu in gpus)
    choices = [
        _Choice(tokens, part, _need(config, shape, tokens, len(gpus), total), int(total * part))
        for tokens in windows(config, shape)
        for part in utilizations
    ]
    return next((choice for choice in choices if choice.fits), choices[-1])


def _need(config: ModelConfig, shape: ModelShape, tokens: int, count: int, total_bytes: int) -> int:
    """Return what one device must hold.

    The overhead (the driver's context, activations, graphs for at most 16 sequences) is what vLLM's
    recipe leaves of a card of 16 GB at 0.92 with 8,192 tokens: 14.7 GiB less 12.9 and the cache.

    Source: https://github.com/vllm-project/recipes (gpt-oss, vram_minimum_gb: 16)
    """
    in_flight = 16_384 if total_bytes >= LARGE_BYTES else 4_096
    cache = shape.kv_bytes(tokens, config.max_num_seqs, config.kv_cache_dtype, in_flight)
    shared = min(count, shape.kv_heads)
    return shape.loaded_bytes // count + max(cache // shared, config.kv_cache_bytes or 0) + CUDA_KERNELS_BYTES


def _highest(gpu: Gpu) -> float:
    """Return the part of a GPU's memory that is free: vLLM refuses to start when it is asked for more."""
    free = max(0, gpu.free_bytes - SPARE_BYTES)
    return max(0.01, math.floor(100 * free / max(1, gpu.total_bytes)) / 100)


def _refusal(config: ModelConfig, gpus: Sequence[Gpu], shape: ModelShape) -> tuple[str, str]:
    """Say why these GPUs cannot serve whatever their memory; and what to do."""
    first, asked = gpus[0], config.tensor_parallel_size
    if (words := _unsuited(first)) or (words := too_long(config, shape)):
        return words, SHORTER if "max_model_len" in words else "The transformers engine may serve it."
    if words := too_small_cache(config, shape, min(windows(config, shape))):
        return words, "Leave `kv_cache_bytes` unset, or set `max_model_len` lower."
    if asked is not None and asked > len(gpus):
        words = f"`tensor_parallel_size` asks for {asked} equal GPUs, and there are {len(gpus)} {first.name}."
        return words, "Lower it, or leave it unset."
    if shape.heads % len(gpus):
        words = f"{shape.heads} attention heads cannot be divided among {len(gpus)} GPUs."
        return words, "Use 1, 2, 4 or 8."
    return _asked_too_much(config, gpus)


def _asked_too_much(config: ModelConfig, gpus: Sequence[Gpu]) -> tuple[str, str]:
    """Say what the person asks of these GPUs that they have not; and what to do."""
    first = gpus[0]
    is_fp8 = config.kv_cache_dtype in {"fp8", "fp8_e4m3"}
    if is_fp8 and first.kind == "cuda" and _capability(first) < OLDEST_FP8:
        words = f"An fp8 cache needs compute capability 8.9, and {first.name} has {first.capability}."
        return words, "Leave `kv_cache_dtype` at auto."
    asked_part, most = config.gpu_memory_utilization, min(_highest(gpu) for gpu in gpus)
    if asked_part is not None and asked_part > most:
        words = f"`gpu_memory_utilization` asks for {asked_part:.2f}, and {most:.2f} of {first.name} is free."
        return words, "Lower it, or end what uses the GPU; nvidia-smi shows what does."
    return "", ""


def _unsuited(gpu: Gpu) -> str:
    if gpu.kind == "cuda" and _capability(gpu) < OLDEST:
        has = gpu.capability or "an unknown one"
        return f"vLLM's MXFP4 and bf16 kernels need compute capability 8.0, and {gpu.name} has {has}."
    if gpu.kind == "rocm" and gpu.capability and not gpu.capability.startswith(ROCM_SUPPORTED):
        return f"vLLM has no kernels for {gpu.name} ({gpu.capability})."
    if gpu.kind not in {"cuda", "rocm"}:
        return f"gpt-oss on {gpu.name} was not tried with vLLM."
    return ""


def _sentence(config: ModelConfig, gpu: Gpu, shape: ModelShape, choice: _Choice) -> tuple[str, str]:
    """Say with numbers why it fits or not; and what to do."""
    total, part = gib(gpu.total_bytes), choice.utilization
    taken = gpu.total_bytes - gpu.free_bytes
    if choice.fits:
        words = (
            f"It takes about {gib(choice.need_bytes)} of the {gib(choice.room_bytes)} that vLLM may use "
            f"({part:.2f} of {total}) with a window of {choice.tokens:,} tokens; the rest is cache."
        )
        return words, ""
    words = (
        f"With a window of {choice.tokens:,} tokens it takes about {gib(choice.need_bytes)}, "
        f"and vLLM may use {gib(choice.room_bytes)} ({part:.2f} of {total})."
    )
    if taken > gpu.total_bytes // 10 and choice.need_bytes <= gpu.total_bytes * UTILIZATIONS[-1]:
        words += f" Others use {gib(taken)} of it now."
        return words, "End what uses the GPU (nvidia-smi shows what does), or name another one in `devices`."
    if config.gpu_memory_utilization is not None or config.max_model_len is not None:
        return words, "Leave `gpu_memory_utilization` and `max_model_len` unset, or change them."
    if shape.quantization:
        return words, "llama-server can keep a part of the model in the machine's own memory; attach it."
    return words, SHORTER


def _warnings(gpu: Gpu) -> tuple[str, ...]:
    major = gpu.driver.partition(".")[0]
    if gpu.kind == "cuda" and major.isdecimal() and int(major) < OLDEST_DRIVER:
        wanted = f"vLLM's wheels are built for CUDA 13, whose driver is {OLDEST_DRIVER} or newer"
        return (f"{wanted}; this one is {gpu.driver}.",)
    return ()


def _capability(gpu: Gpu) -> tuple[int, int]:
    major, _, minor = gpu.capability.partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)


def _address(gpu: Gpu) -> str:
    """Return how CUDA_VISIBLE_DEVICES names it: parts of a divided GPU have no number of their own."""
    return gpu.uuid if gpu.uuid.startswith("MIG-") else str(gpu.index)
