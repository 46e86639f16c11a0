"""Small weights in the real format."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG: dict[str, Any] = {
    "architectures": ["GptOssForCausalLM"],
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 64,
    "sliding_window": 128,
    "max_position_embeddings": 4096,
    "quantization_config": {"quant_method": "mxfp4"},
}


def safetensors(tensors: Mapping[str, int]) -> bytes:
    """Return a file with tensors of so many bytes each."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, size in tensors.items():
        header[name] = {"dtype": "U8", "shape": [size], "data_offsets": [at, at + size]}
        at += size
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + b"\0" * at


def model_files() -> dict[str, bytes]:
    """Return the files of a model of two shards, with what a repository has beside them."""
    shards = {
        "model-00000-of-00001.safetensors": safetensors({
            "embed.weight": 3_000_000,
            "experts.gate_up_proj_blocks": 100,
        }),
        "model-00001-of-00001.safetensors": safetensors({
            "experts.gate_up_proj_scales": 10,
            "norm.weight": 2_000_000,
        }),
    }
    first, second = shards
    index = {"weight_map": {"embed.weight": first, "norm.weight": second}}
    return {
        "config.json": json.dumps(CONFIG).encode(),
        "generation_config.json": b"{}",
        "tokenizer.json": b"{}",
        "chat_template.jinja": b"{{ messages }}",
        "model.safetensors.index.json": json.dumps(index).encode(),
        **shards,
    }


def write_model(folder: Path) -> Path:
    """Write a complete model into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in model_files().items():
        (folder / name).write_bytes(content)
    return folder
