"""The measures of a model: what its weights and its cache take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GIB = 1 << 30
WIDTHS = {"auto": 2, "bfloat16": 2, "fp8": 1, "fp8_e4m3": 1, "fp8_e5m2": 1}


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What memory depends on.

    Attributes:
        full_layers: Layers that attend to all tokens; the others see a window of `window` tokens.
        disk_bytes: The files of the weights.
        loaded_bytes: The weights in the memory of an engine, as the checkpoint has them.
        dequantized_bytes: The same, expanded to bf16, where an engine has no kernels for the format.
        is_known: Read from the model, or known for its name; else assumed.
    """

    layers: int
    full_layers: int
    heads: int
    kv_heads: int
    head_dim: int
    window: int
    max_positions: int
    disk_bytes: int
    loaded_bytes: int
    dequantized_bytes: int
    quantization: str = ""
    architecture: str = ""
    is_known: bool = True

    def kv_bytes(self, tokens: int, sequences: int, kv_cache_dtype: str = "auto", in_flight: int = 0) -> int:
        """Return the room that one sequence of `tokens` needs, and the windows of all `sequences`.

        gpt-oss-20b in bf16: 24 KiB a token and 3 MiB a sequence. `in_flight` are the tokens that are
        computed at once: the layers with a window keep those too until they are done.
        """
        layer = 2 * self.kv_heads * self.head_dim * WIDTHS[kv_cache_dtype]
        seen = min(self.window + in_flight, tokens) if self.window else tokens
        windows = (sequences - 1) * min(self.window, tokens)
        return layer * (self.full_layers * tokens + (self.layers - self.full_layers) * (seen + windows))

    def score_bytes(self, tokens: int, chunk: int) -> int:
        """Return what eager attention takes for a chunk: scores in bf16, their softmax in float32."""
        return self.heads * min(chunk, tokens) * tokens * 6


# The card of the model (20.9 and 116.8 thousand million parameters); loaded: a log of vLLM on an RTX 3090.
# Source: https://huggingface.co/openai/gpt-oss-20b
GPT_OSS_20B = ModelShape(
    layers=24,
    full_layers=12,
    heads=64,
    kv_heads=8,
    head_dim=64,
    window=128,
    max_positions=131_072,
    disk_bytes=13_800_000_000,
    loaded_bytes=int(12.9 * GIB),
    dequantized_bytes=42_000_000_000,
    quantization="mxfp4",
    architecture="GptOssForCausalLM",
)
GPT_OSS_120B = ModelShape(
    layers=36,
    full_layers=18,
    heads=64,
    kv_heads=8,
    head_dim=64,
    window=128,
    max_positions=131_072,
    disk_bytes=65_300_000_000,
    loaded_bytes=61 * GIB,
    dequantized_bytes=234_000_000_000,
    quantization="mxfp4",
    architecture="GptOssForCausalLM",
)


def known_shape(source: str) -> ModelShape:
    """Return what is known of a repository before its weights are here."""
    name = source.rstrip("/").rpartition("/")[2].lower()
    if name == "gpt-oss-120b":
        return GPT_OSS_120B
    if name == "gpt-oss-20b":
        return GPT_OSS_20B
    plain = {field: getattr(GPT_OSS_20B, field) for field in GPT_OSS_20B.__dataclass_fields__}
    return ModelShape(**{**plain, "is_known": False})


def read_shape(config: Mapping[str, Any], *, disk_bytes: int, dequantized_bytes: int) -> ModelShape:
    """Read the measures from a model's config.json.

    Raises:
        ValueError: A number that is needed is missing or is none.
    """
    layers, heads = _number(config, "num_hidden_layers"), _number(config, "num_attention_heads")
    window = config.get("sliding_window")
    kinds = config.get("layer_types")
    full = layers
    if isinstance(window, int) and window > 0:
        full = sum(kind == "full_attention" for kind in kinds) if isinstance(kinds, list) else layers // 2
    kept = config.get("quantization_config")
    names = config.get("architectures")
    return ModelShape(
        layers=layers,
        full_layers=min(full, layers),
        heads=heads,
        kv_heads=_number(config, "num_key_value_heads", heads),
        head_dim=_number(config, "head_dim", max(1, _number(config, "hidden_size", heads) // heads)),
        window=window if isinstance(window, int) and window > 0 else 0,
        max_positions=_number(config, "max_position_embeddings", 131_072),
        disk_bytes=disk_bytes,
        loaded_bytes=disk_bytes,
        dequantized_bytes=dequantized_bytes,
        quantization=str(kept.get("quant_method", "unknown"))[:32] if isinstance(kept, dict) else "",
        architecture=str(names[0])[:80] if isinstance(names, list) and names else "",
    )


def _number(config: Mapping[str, Any], key: str, default: int = 0) -> int:
    value = config.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 31:
        raise ValueError(f"config.json has no usable {key}")
    return value
