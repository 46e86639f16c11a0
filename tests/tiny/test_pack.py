"""The committed weights, and what they are made into."""

from __future__ import annotations

import json
import lzma
import struct
from pathlib import Path
from typing import Any

from openai_harmony import HarmonyEncodingName, load_harmony_encoding

from tests.tiny.lessons import LESSONS
from tests.tiny.pack import FILE, pack, unpack

MAX_BYTES = 400_000


def read_safetensors(file: Path) -> tuple[dict[str, Any], bytes]:
    """Return the header and the bytes behind it."""
    data = file.read_bytes()
    begin = 8 + struct.unpack_from("<Q", data)[0]
    return json.loads(data[8:begin]), data[begin:]


def numbers(raw: bytes) -> list[float]:
    """Read bfloat16."""
    return [struct.unpack("<f", b"\0\0" + raw[place : place + 2])[0] for place in range(0, len(raw), 2)]


def test_a_checkpoint_holds_what_was_packed(tmp_path: Path) -> None:
    """Whole numbers times powers of two come back, and rows that were not trained share the last one."""
    pack(
        {
            "rows.in": [3, 0],
            "rows.out": [1],
            "model.embed_tokens.weight": {"levels": [[1, 2], [3, 4], [5, -63]], "powers": [0, 1, -3]},
            "lm_head.weight": {"levels": [[7, 0], [1, 1]], "powers": [-1, 2]},
            "model.norm.weight": {"levels": [60, 31], "powers": -5},
        },
        tmp_path / "packed.xz",
    )
    unpack(tmp_path / "packed.xz", tmp_path / "model.safetensors", 4)
    header, body = read_safetensors(tmp_path / "model.safetensors")
    shapes = {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    assert shapes == {"model.embed_tokens.weight": [4, 2], "lm_head.weight": [4, 2], "model.norm.weight": [2]}
    begin, end = header["model.embed_tokens.weight"]["data_offsets"]
    assert numbers(body[begin:end]) == [6, 8, 0.625, -7.875, 0.625, -7.875, 1, 2]
    begin, end = header["lm_head.weight"]["data_offsets"]
    assert numbers(body[begin:end]) == [4, 4, 3.5, 0, 4, 4, 4, 4]
    begin, end = header["model.norm.weight"]["data_offsets"]
    assert numbers(body[begin:end]) == [1.875, 0.96875]


def test_the_committed_weights_are_small() -> None:
    """They stay below what a repository should carry."""
    assert FILE.stat().st_size <= MAX_BYTES


def test_the_committed_weights_know_every_word_of_the_lessons() -> None:
    """A lesson that was changed without training the model again is found here."""
    data = lzma.decompress(FILE.read_bytes())
    said = set(json.loads(data[8 : 8 + struct.unpack_from("<Q", data)[0]])["rows.out"])
    encoding = load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)
    for name, lesson in LESSONS.items():
        texts = [
            *lesson.thoughts.values(),
            lesson.answer,
            lesson.repair,
            lesson.loop * 3,
            lesson.thought_loop,
        ]
        unknown = {token for text in texts for token in encoding.encode(text)} - said
        assert not unknown, f"{name} says what the model never learnt: {encoding.decode([*unknown])}"
