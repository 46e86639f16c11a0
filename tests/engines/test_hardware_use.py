"""How busy accelerators are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.engines import hardware_use
from gptoss_lab.engines.hardware_use import read_gpu_use, read_nvidia, read_rocm

TWO = """\
0, NVIDIA H100 80GB HBM3, GPU-00000000-1111-2222-3333-444444444444, 37, 61234, 81559
1, NVIDIA GB10, GPU-55555555-1111-2222-3333-444444444444, [N/A], [N/A], [N/A]
"""


def test_what_a_driver_does_not_say_is_none() -> None:
    """A GPU that shares the machine's memory tells neither."""
    first, second = read_nvidia(TWO)
    assert (first.name, first.used_percent, first.memory_used_bytes) == (
        "NVIDIA H100 80GB HBM3",
        37,
        61234 << 20,
    )
    assert (second.used_percent, second.memory_used_bytes, second.memory_bytes) == (None, None, None)


def test_only_those_that_the_engine_may_use_are_told() -> None:
    """As CUDA_VISIBLE_DEVICES says; lines that are no answers are passed over."""
    assert [gpu.name for gpu in read_nvidia(TWO, "1")] == ["NVIDIA GB10"]
    assert read_nvidia("No devices were found\n") == ()


def test_amds_cards_are_told() -> None:
    """From the JSON of rocm-smi; what is none is none."""
    card = {
        "Card Series": "AMD Instinct MI300X",
        "GPU use (%)": "12",
        "VRAM Total Memory (B)": "206141652992",
        "VRAM Total Used Memory (B)": "1024",
    }
    (gpu,) = read_rocm(json.dumps({"card0": card, "system": {"Driver version": "6.1"}}))
    assert (gpu.name, gpu.used_percent, gpu.memory_used_bytes) == ("AMD Instinct MI300X", 12, 1024)
    assert read_rocm("no such device") == read_rocm("[]") == ()


async def test_the_program_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed; without it there is nothing to say."""
    monkeypatch.setattr(hardware_use, "find_program", lambda _name: None)
    assert await read_gpu_use() == ()
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{TWO}END\n")
    program.chmod(0o755)
    monkeypatch.setattr(
        hardware_use, "find_program", lambda name: str(program) if name == "nvidia-smi" else None
    )
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert [gpu.used_percent for gpu in await read_gpu_use()] == [37, None]
