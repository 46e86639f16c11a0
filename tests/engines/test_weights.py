"""Holes in the weights are found before an engine starts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gptoss_lab.engines.weights import INDEX, read_weights, shards
from gptoss_lab.errors import EngineLoadError
from tests.fakes.weights import safetensors, write_model

FIRST = "model-00000-of-00001.safetensors"


def test_complete_weights_tell_their_measures(tmp_path: Path) -> None:
    """Their size, format and class; a byte of an MXFP4 block becomes two numbers of bf16."""
    weights = read_weights(write_model(tmp_path), "openai/gpt-oss-20b", "a" * 40)
    assert (weights.quantization, weights.architecture) == ("mxfp4", "GptOssForCausalLM")
    assert weights.size_bytes == sum(path.stat().st_size for path in tmp_path.glob("*.safetensors"))
    assert weights.shape.dequantized_bytes == 3_000_000 + 4 * 100 + 2_000_000
    assert weights.shape.layers == 2


def test_a_single_file_needs_no_index(tmp_path: Path) -> None:
    """As small models have it."""
    write_model(tmp_path)
    (tmp_path / INDEX).unlink()
    (tmp_path / "model.safetensors").write_bytes(safetensors({"a": 5}))
    assert shards(tmp_path) == [tmp_path / "model.safetensors"]


def cut(folder: Path) -> None:
    """Lose the end of a shard."""
    (folder / FIRST).write_bytes((folder / FIRST).read_bytes()[:-1])


def rename(folder: Path) -> None:
    """Have the index name a file elsewhere."""
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}), encoding="utf-8")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "has 3": cut,
    f"{FIRST} is missing": lambda folder: (folder / FIRST).unlink(),
    "is no safetensors file": lambda folder: (folder / FIRST).write_bytes(b"version https://git-lfs"),
    "header that cannot be read": lambda folder: (folder / FIRST).write_bytes(b"\x04" + b"\0" * 7 + b"oops"),
    "no file of it": rename,
    "names no weights": lambda folder: (folder / INDEX).write_text("{}", encoding="utf-8"),
    "config.json is missing": lambda folder: (folder / "config.json").unlink(),
    "config.json cannot be read": lambda folder: (folder / "config.json").write_text("{", encoding="utf-8"),
    "config.json is not an object": lambda folder: (folder / "config.json").write_text(
        "[]", encoding="utf-8"
    ),
    "no usable num_hidden_layers": lambda folder: (folder / "config.json").write_text("{}", encoding="utf-8"),
    "has no tokenizer.json": lambda folder: (folder / "tokenizer.json").unlink(),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_damage_is_told_with_the_file(tmp_path: Path, words: str) -> None:
    """A typed failure that names what to remove."""
    write_model(tmp_path)
    DAMAGES[words](tmp_path)
    with pytest.raises(EngineLoadError) as caught:
        read_weights(tmp_path, "openai/gpt-oss-20b")
    assert words in caught.value.message
    assert caught.value.reason == "corrupt_weights"
    assert "fetched anew" in caught.value.hint


def test_other_formats_are_not_loaded(tmp_path: Path) -> None:
    """Pickles run code when they are read."""
    write_model(tmp_path)
    for path in (tmp_path / INDEX, *tmp_path.glob("*.safetensors")):
        path.unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(EngineLoadError, match="other formats are not loaded"):
        read_weights(tmp_path)
