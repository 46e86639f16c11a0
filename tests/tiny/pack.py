"""Pack trained weights into the file that is committed, and unpack them into a checkpoint.

    python -m tests.tiny.pack weights.json

The file holds whole numbers and one power of two per row, compressed. Both directions need the standard
library alone.
"""

from __future__ import annotations

import json
import lzma
import struct
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("weights.xz")
_LENGTH = struct.Struct("<Q")
_TABLES = {"model.embed_tokens.weight": "rows.in", "lm_head.weight": "rows.out"}


def pack(weights: Mapping[str, Any], file: Path) -> None:
    """Write the committed file."""
    shapes: dict[str, list[int]] = {}
    body = bytearray()
    for name in sorted(set(weights) - set(_TABLES.values())):
        levels, shape = _flat(weights[name]["levels"])
        powers, _ = _flat(weights[name]["powers"])
        shapes[name] = shape
        body += array("b", powers).tobytes() + array("b", levels).tobytes()
    header = json.dumps({"shapes": shapes, **{name: weights[name] for name in _TABLES.values()}}).encode()
    file.write_bytes(lzma.compress(_LENGTH.pack(len(header)) + header + body, preset=9 | lzma.PRESET_EXTREME))


def _flat(values: Any) -> tuple[list[int], list[int]]:
    if isinstance(values, int):
        return [values], []
    parts = [_flat(value) for value in values]
    return [number for numbers, _ in parts for number in numbers], [len(values), *parts[0][1]]


def unpack(file: Path, checkpoint: Path, vocabulary: int) -> None:
    """Write the checkpoint as model.safetensors, in bfloat16.

    Args:
        file: The committed file.
        checkpoint: The file to write.
        vocabulary: How many rows the two tables have; those that were not trained share one.
    """
    data = lzma.decompress(file.read_bytes())
    begin = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    header = json.loads(data[_LENGTH.size : begin])
    tensors = {}
    for name, shape, row_bytes in _rows(data, begin, header["shapes"]):
        if name in _TABLES:
            tensors[name] = ([vocabulary, shape[1]], _spread(row_bytes, header[_TABLES[name]], vocabulary))
        else:
            tensors[name] = (shape, b"".join(row_bytes))
    _write_safetensors(checkpoint, tensors)


def _rows(
    data: bytes, place: int, shapes: Mapping[str, Sequence[int]]
) -> Iterator[tuple[str, list[int], list[bytes]]]:
    for name, shape in shapes.items():
        width = shape[-1]
        count = 1
        for size in shape[:-1]:
            count *= size
        powers = array("b", data[place : place + count])
        place += count
        levels = array("b", data[place : place + count * width])
        place += count * width
        rows = [_bfloat16(levels[row * width : (row + 1) * width], powers[row]) for row in range(count)]
        yield name, [*shape], rows


def _bfloat16(levels: Sequence[int], power: int) -> bytes:
    # A whole number below 128 times a power of two is exact in bfloat16: the upper half of a float.
    single = struct.pack(f"<{len(levels)}f", *(level * 2.0**power for level in levels))
    return b"".join(single[place + 2 : place + 4] for place in range(0, len(single), 4))


def _spread(rows: Sequence[bytes], tokens: Sequence[int], vocabulary: int) -> bytes:
    *known, other = rows
    table = bytearray(other * vocabulary)
    for token, row in zip(tokens, known, strict=True):
        table[token * len(row) : (token + 1) * len(row)] = row
    return bytes(table)


def _write_safetensors(file: Path, tensors: Mapping[str, tuple[Sequence[int], bytes]]) -> None:
    """Write the format of https://github.com/huggingface/safetensors: a JSON header, then the bytes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, (shape, raw) in tensors.items():
        header[name] = {"dtype": "BF16", "shape": [*shape], "data_offsets": [place, place + len(raw)]}
        place += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with file.open("wb") as out:
        out.write(_LENGTH.pack(len(text)) + text)
        for _, raw in tensors.values():
            out.write(raw)


if __name__ == "__main__":
    pack(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), FILE)
    print(f"{FILE}: {FILE.stat().st_size} bytes")
