"""The words and measures that all options of a plan share."""

from __future__ import annotations

from gptoss_lab.engines.installed import Hosted, Installed
from gptoss_lab.engines.model_shape import GIB, ModelShape
from gptoss_lab.schemas.config import ModelConfig

WINDOWS = (32_768, 8_192)
CUDA_KERNELS_BYTES = int(1.25 * GIB)
INSTALL = "jupyter gptoss model install --engine {engine}"
SHORTER = "Choose a smaller model, a shorter `max_model_len`, or a machine with more memory."


def gib(size_bytes: float) -> str:
    """Return a size in words."""
    return f"{size_bytes / GIB:.1f} GiB"


def windows(config: ModelConfig, shape: ModelShape, wanted: tuple[int, ...] = WINDOWS) -> tuple[int, ...]:
    """Return the windows to try, the longest first: the person's, or ours as far as the model has them."""
    if config.max_model_len is not None:
        return (config.max_model_len,)
    lengths = tuple(dict.fromkeys(min(length, shape.max_positions) for length in wanted))
    held = tuple(length for length in lengths if not too_small_cache(config, shape, length))
    return held or lengths[-1:]


def too_long(config: ModelConfig, shape: ModelShape) -> str:
    """Say why the person's window cannot work; empty where it can."""
    asked = config.max_model_len
    if asked is None or asked <= shape.max_positions:
        return ""
    return (
        f"`max_model_len` asks for {asked:,} tokens, and the model's window ends at {shape.max_positions:,}."
    )


def too_small_cache(config: ModelConfig, shape: ModelShape, tokens: int) -> str:
    """Say why the person's cache cannot work: it must hold one full window at least; empty where it can."""
    asked, needed = config.kv_cache_bytes, shape.kv_bytes(tokens, 1, config.kv_cache_dtype)
    if asked is None or asked >= needed:
        return ""
    window = f"a window of {tokens:,} tokens"
    return f"`kv_cache_bytes` asks for {asked >> 20:,} MiB, and {window} takes {needed >> 20:,} MiB."


def missing_install(installed: Installed, engine: Hosted, device: str) -> str:
    """Return the command that installs an engine for a device; empty where it is there."""
    return "" if installed.serves(engine, device) else INSTALL.format(engine=engine)


def assumed(shape: ModelShape) -> tuple[str, ...]:
    """Say that the size of the model is a guess, where it is."""
    if shape.is_known:
        return ()
    return ("The size of this model is not known before it is downloaded; gpt-oss-20b's is assumed.",)
