"""The options for servers that someone else runs: they are attached, not started."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.engines.model_shape import GIB, ModelShape
from gptoss_lab.engines.plan_words import gib
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import FoundServer, Hardware, Option

GGUF_BYTES = int(11.27 * GIB)
GGUF_DISK_BYTES = 12_100_000_000
PROCESS_BYTES = GIB
TOKENS = 32_768
COMMAND = "llama-server --gpt-oss-20b-default"


def attach_options(
    config: ModelConfig, hardware: Hardware, shape: ModelShape, found: Sequence[FoundServer]
) -> list[Option]:
    """Return the configured server, those that were found, and llama-server where none is there."""
    options = []
    if config.url:
        options.append(
            Option(
                engine="attached",
                title=f"The server at {config.url}",
                fits=True,
                reasons=("It is configured; what it takes is its own affair.",),
                max_model_len=config.context_tokens,
            )
        )
    options += [_found(server) for server in found]
    if not options and shape.quantization == "mxfp4":
        options.append(_llama(hardware, shape))
    return options


def _found(server: FoundServer) -> Option:
    models = f" with {', '.join(server.models[:3])}" if server.models else ""
    return Option(
        engine="attached",
        title=f"{server.name} at {server.url}",
        fits=True,
        reasons=(f"It answers on this machine{models}; it is attached only when you say so.",),
        hint="Attach it in the panel, or set `url` to its address.",
    )


def _llama(hardware: Hardware, shape: ModelShape) -> Option:
    """Return what llama-server would take: a part of the model may stay outside a GPU's memory."""
    need = GGUF_BYTES + shape.kv_bytes(TOKENS, 1) + PROCESS_BYTES
    room = hardware.available_bytes + max((gpu.free_bytes for gpu in hardware.gpus), default=0)
    fits = shape.loaded_bytes < 2 * GGUF_BYTES and need <= room
    words = f"It takes about {gib(need)} with a window of {TOKENS:,} tokens, and {gib(room)} are free."
    return Option(
        engine="attached",
        title="llama-server or Ollama, which you start",
        fits=fits,
        reasons=(words,) if shape.loaded_bytes < 2 * GGUF_BYTES else ("Its size as GGUF is not known here.",),
        hint="Start it, then attach it: it is offered when it answers." if fits else "",
        max_model_len=TOKENS,
        memory_bytes=need,
        disk_bytes=GGUF_DISK_BYTES,
        speed="Others report 7 to 20 tokens/s on processors, far more with a GPU." if fits else "",
        install=COMMAND if fits else "",
    )
