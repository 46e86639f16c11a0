"""What a model folder holds, read from the headers of its files: sizes, and shards that are cut off."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gptoss_lab.engines.worker.faults import UnloadableError

_LENGTH = struct.Struct("<Q")
_MAX_HEADER_BYTES = 100 << 20
_BITS_OF_BLOCKS = 4  # MXFP4: two values to a byte


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a folder.

    Attributes:
        shards: How many files hold them.
        stored_bytes: What they take on disk.
        unpacked_bytes: What they take in bfloat16, MXFP4 blocks unpacked.
        quantized: They are MXFP4.
    """

    shards: int
    stored_bytes: int
    unpacked_bytes: int
    quantized: bool


def survey(folder: Path) -> Weights:
    """Return what a folder holds.

    Args:
        folder: The model's folder.

    Raises:
        UnloadableError: There is no model of the gpt-oss family in it, or a file is not whole.
    """
    config = _config(folder)
    kind = config.get("model_type")
    if kind != "gpt_oss":
        raise UnloadableError("bad_flag", f"The folder holds a model of the kind {kind!r}, not gpt-oss")
    files = sorted(folder.glob("*.safetensors"))
    wanted = _listed(folder)
    missing = wanted - {file.name for file in files}
    if missing or not files:
        raise UnloadableError(
            "corrupt_weights", f"The folder lacks {', '.join(sorted(missing)) or 'weights'}"
        )
    unpacked = sum(_unpacked_bytes(file) for file in files if not wanted or file.name in wanted)
    return Weights(
        shards=len(files),
        stored_bytes=sum(file.stat().st_size for file in files),
        unpacked_bytes=unpacked,
        quantized=(config.get("quantization_config") or {}).get("quant_method") == "mxfp4",
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnloadableError("corrupt_weights", "The folder has no readable config.json") from error
    return config if isinstance(config, dict) else {}


def _listed(folder: Path) -> set[str]:
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return set()
    try:
        return set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise UnloadableError("corrupt_weights", f"{index.name} is not the list of shards") from error


def _unpacked_bytes(file: Path) -> int:
    try:
        with file.open("rb") as stream:
            (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
            if length > _MAX_HEADER_BYTES:
                raise UnloadableError("corrupt_weights", f"{file.name} is no safetensors file")
            tensors = json.loads(stream.read(length))
        tensors.pop("__metadata__", None)
        spans = {name: tensor["data_offsets"] for name, tensor in tensors.items()}
        end = max((span[1] for span in spans.values()), default=0)
        if file.stat().st_size < _LENGTH.size + length + end:
            raise UnloadableError("corrupt_weights", f"{file.name} is cut off; download it again")
        return sum((span[1] - span[0]) * _growth(name) for name, span in spans.items())
    except (OSError, struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnloadableError(
            "corrupt_weights", f"{file.name} cannot be read: {type(error).__name__}"
        ) from error


def _growth(name: str) -> int:
    return 16 // _BITS_OF_BLOCKS if name.endswith("_blocks") else 1
