"""What a model folder holds."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.engines.worker.faults import UnloadableError
from gptoss_lab.engines.worker.weights import survey


def write(folder: Path, name: str, tensors: dict[str, int], *, cut: int = 0, **config: Any) -> None:
    """Write a shard with tensors of so many bytes, and the configuration."""
    offsets: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for tensor, size in tensors.items():
        offsets[tensor] = {"dtype": "U8", "shape": [size], "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(offsets).encode()
    (folder / name).write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * (end - cut))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt_oss", **config}))


def test_packed_weights_grow_fourfold(tmp_path: Path) -> None:
    """In bfloat16 an MXFP4 value takes 16 bits for 4."""
    tensors = {"w.gate_up_proj_blocks": 100, "embed.weight": 10}
    write(tmp_path, "model.safetensors", tensors, quantization_config={"quant_method": "mxfp4"})
    weights = survey(tmp_path)
    assert (weights.shards, weights.unpacked_bytes, weights.quantized) == (1, 410, True)


def test_a_shard_that_is_cut_off_is_named(tmp_path: Path) -> None:
    """Before anything is loaded."""
    write(tmp_path, "model.safetensors", {"w": 100}, cut=1)
    with pytest.raises(UnloadableError, match=r"model\.safetensors is cut off") as found:
        survey(tmp_path)
    assert found.value.code == "corrupt_weights"


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    """As the index lists it."""
    write(tmp_path, "model-1.safetensors", {"w": 1})
    index = {"weight_map": {"w": "model-1.safetensors", "v": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(UnloadableError, match=r"lacks model-2\.safetensors"):
        survey(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", struct.pack("<Q", 4) + b"null", b"\x02\0\0\0\0\0\0\0[]"],
)
def test_what_is_no_safetensors_file_is_named(tmp_path: Path, content: bytes) -> None:
    """Or it is an empty one, which is read as such."""
    write(tmp_path, "model.safetensors", {"w": 1})
    (tmp_path / "model.safetensors").write_bytes(content)
    if content.endswith(b"{}"):
        assert survey(tmp_path).unpacked_bytes == 0
        return
    with pytest.raises(UnloadableError) as found:
        survey(tmp_path)
    assert found.value.code == "corrupt_weights"


def test_another_family_is_refused(tmp_path: Path) -> None:
    """And so is a folder without a configuration, or weights, or a list of them."""
    with pytest.raises(UnloadableError, match=r"config\.json"):
        survey(tmp_path)
    write(tmp_path, "model.safetensors", {"w": 1}, model_type="llama")
    with pytest.raises(UnloadableError, match="'llama'"):
        survey(tmp_path)
    write(tmp_path, "model.safetensors", {"w": 1})
    (tmp_path / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(UnloadableError, match="not the list"):
        survey(tmp_path)
    (tmp_path / "model.safetensors.index.json").unlink()
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(UnloadableError, match="lacks weights"):
        survey(tmp_path)
