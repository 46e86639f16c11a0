"""The weights of a model on this disk: read, and looked at for holes."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gptoss_lab.engines.model_shape import ModelShape, read_shape
from gptoss_lab.errors import EngineLoadError

CONFIG = "config.json"
INDEX = "model.safetensors.index.json"
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
MOST_JSON_BYTES = 64 << 20
MOST_HEADER_BYTES = 100 << 20  # the limit of the format itself
DOWNLOAD_AGAIN = "Remove {name} and start again: what is missing is fetched anew."
CHOOSE_ANOTHER = "Copy the folder again, or set `source` to another one."


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a model, complete on this disk.

    Attributes:
        repo: The repository that they came from; empty for a person's own folder.
        revision: The commit of the repository.
    """

    folder: Path
    repo: str
    revision: str
    size_bytes: int
    shape: ModelShape

    @property
    def quantization(self) -> str:
        """The format of the weights: "mxfp4", or "" for plain ones."""
        return self.shape.quantization

    @property
    def architecture(self) -> str:
        """The name of the model's class, "GptOssForCausalLM"."""
        return self.shape.architecture


def read_weights(folder: Path, repo: str = "", revision: str = "", *, is_draft: bool = False) -> Weights:
    """Look at every file of a model; reads headers only. Blocks.

    A draft model has no tokenizer of its own, and its measures stand one level deeper.

    Raises:
        EngineLoadError: A file is missing, cut short or not what it says (`corrupt_weights`).
    """
    config = _object(folder / CONFIG, repo)
    if is_draft:
        deeper = config.get("transformer_layer_config")
        config = {**config, **deeper} if isinstance(deeper, dict) else config
    elif not any((folder / name).is_file() for name in TOKENIZERS):
        _refuse(folder, "has no tokenizer.json", repo)
    dequantized, size = 0, 0
    for shard in shards(folder, repo):
        size += shard.stat().st_size
        dequantized += _expanded(read_header(shard, repo))
    try:
        shape = read_shape(config, disk_bytes=size, dequantized_bytes=dequantized)
    except ValueError as error:
        _refuse(folder / CONFIG, str(error), repo)
    return Weights(folder, repo, revision, size, shape)


def shards(folder: Path, repo: str = "") -> list[Path]:
    """Return the files of the weights, as the index names them, or the single one.

    Raises:
        EngineLoadError: One is missing, or the index names a place outside the folder.
    """
    if not (folder / INDEX).is_file():
        single = folder / "model.safetensors"
        if not single.is_file():
            _refuse(folder, "has no safetensors file; other formats are not loaded", repo)
        return [single]
    named = _object(folder / INDEX, repo).get("weight_map")
    if not isinstance(named, dict) or not named:
        _refuse(folder / INDEX, "names no weights", repo)
    names = sorted({str(name) for name in named.values()})
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors"):
            _refuse(folder / INDEX, f"names {name[:80]!r}, which is no file of it", repo)
        if not (folder / name).is_file():
            _refuse(folder / name, "is missing", repo)
    return [folder / name for name in names]


def read_header(shard: Path, repo: str = "") -> dict[str, Any]:
    """Return what a safetensors file says of its tensors; the file must be as long as that needs.

    Source: https://github.com/huggingface/safetensors (8 bytes of length, JSON, the tensors)

    Raises:
        EngineLoadError: It is cut short, or no such file.
    """
    size = shard.stat().st_size
    with shard.open("rb") as file:
        first = file.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else 0  # noqa: PLR2004 - of the format
        if not 0 < length <= min(MOST_HEADER_BYTES, size):
            _refuse(shard, "is no safetensors file", repo)
        raw = file.read(length)
    try:
        header = json.loads(raw)
        tensors = {name: fact for name, fact in header.items() if name != "__metadata__"}
        ends = [int(fact["data_offsets"][1]) for fact in tensors.values()]
    except (ValueError, AttributeError, KeyError, IndexError, TypeError):
        _refuse(shard, "has a header that cannot be read", repo)
    wanted = 8 + length + max(ends, default=0)
    if size != wanted:
        _refuse(shard, f"has {size:,} bytes and should have {wanted:,}", repo)
    return tensors


def remove_damaged(folder: Path) -> None:
    """Remove the shards that cannot be read and all small files, so that they are fetched anew. Blocks."""
    for file in folder.iterdir():
        try:
            whole = file.suffix == ".safetensors" and bool(read_header(file))
        except EngineLoadError:
            whole = False
        if not whole and file.is_file():
            file.unlink()


def _expanded(tensors: dict[str, Any]) -> int:
    """Return the size of a shard's tensors in bf16: a byte of an MXFP4 block holds two numbers."""
    total = 0
    for name, fact in tensors.items():
        begin, end = fact["data_offsets"]
        if name.endswith("_blocks"):
            total += 4 * (end - begin)
        elif not name.endswith("_scales"):
            total += end - begin
    return total


def _object(file: Path, repo: str) -> dict[str, Any]:
    try:
        if file.stat().st_size > MOST_JSON_BYTES:
            _refuse(file, "is far too large", repo)
        said = json.loads(file.read_bytes())
    except FileNotFoundError:
        _refuse(file, "is missing", repo)
    except (OSError, ValueError):
        _refuse(file, "cannot be read", repo)
    if not isinstance(said, dict):
        _refuse(file, "is not an object", repo)
    return said


def _refuse(file: Path, what: str, repo: str) -> NoReturn:
    hint = DOWNLOAD_AGAIN.format(name=file) if repo else CHOOSE_ANOTHER
    raise EngineLoadError(f"The weights are not complete: {file} {what}", reason="corrupt_weights", hint=hint)
