"""The tiny model as its big sister comes: with the experts packed in MXFP4."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VALUES = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], dtype=np.float32)
_GROUP = 32
_LARGEST_EXPONENT, _BIAS = 2, 127
_LENGTH = struct.Struct("<Q")
_EXPERTS = ("experts.gate_up_proj", "experts.down_proj")
_UNPACKED = ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]


def packed_model(source: Path, folder: Path) -> Path:
    """Write the model of a folder into another, its experts in 4 bits, and return that."""
    folder.mkdir()
    raw = (source / "model.safetensors").read_bytes()
    (length,) = _LENGTH.unpack_from(raw)
    body = raw[_LENGTH.size + length :]
    tensors: dict[str, tuple[str, list[int], bytes]] = {}
    for name, tensor in json.loads(raw[_LENGTH.size : _LENGTH.size + length]).items():
        if name == "__metadata__":
            continue
        start, end = tensor["data_offsets"]
        if name.endswith(_EXPERTS):
            blocks, scales = _pack(_floats(body[start:end], tensor["shape"]))
            for kind, array in (("blocks", blocks), ("scales", scales)):
                tensors[f"{name}_{kind}"] = ("U8", list(array.shape), array.tobytes())
        else:
            tensors[name] = (tensor["dtype"], tensor["shape"], body[start:end])
    (folder / "model.safetensors").write_bytes(_safetensors(tensors))
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": "mxfp4", "modules_to_not_convert": _UNPACKED}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    name = "generation_config.json"
    (folder / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def _floats(raw: bytes, shape: list[int]) -> NDArray[np.float32]:
    """Read bfloat16: the upper half of a float."""
    return (np.frombuffer(raw, dtype=np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(shape)


def _pack(weights: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return 4-bit values, two to a byte, and the exponent that each group of 32 shares."""
    outputs = np.swapaxes(weights, 1, 2)
    groups = outputs.reshape(*outputs.shape[:2], -1, _GROUP)
    largest = np.maximum(np.abs(groups).max(-1), 2.0**-100)
    exponents = np.floor(np.log2(largest)).astype(np.int32) - _LARGEST_EXPONENT
    scaled = groups / np.exp2(exponents)[..., None]
    nibbles = np.abs(np.abs(scaled)[..., None] - _VALUES).argmin(-1).astype(np.uint8)
    nibbles |= (scaled < 0).astype(np.uint8) << 3
    return nibbles[..., 0::2] | (nibbles[..., 1::2] << 4), (exponents + _BIAS).astype(np.uint8)


def _safetensors(tensors: dict[str, tuple[str, list[int], bytes]]) -> bytes:
    header: dict[str, Any] = {}
    end = 0
    for name, (kind, shape, raw) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [end, end + len(raw)]}
        end += len(raw)
    head = json.dumps(header).encode()
    return _LENGTH.pack(len(head)) + head + b"".join(raw for _, _, raw in tensors.values())
