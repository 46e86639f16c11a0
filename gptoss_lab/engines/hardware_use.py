"""How busy the accelerators are, as `nvidia-smi` or `rocm-smi` tell."""

from __future__ import annotations

import csv
import json
import os
import re
from typing import Any

from gptoss_lab.engines.hardware_nvidia import MIB, MOST_GPUS, MOST_MIB, Found, visible
from gptoss_lab.engines.probe import ask, find_program, one_line
from gptoss_lab.schemas.model import Gpu
from gptoss_lab.schemas.monitor import GpuUse

TIMEOUT_S = 3.0
FIELDS = ("index", "name", "uuid", "utilization.gpu", "memory.used", "memory.total")
ROCM_WORDS = ("--showproductname", "--showuse", "--showmeminfo", "vram", "--json")
_CARD = re.compile(r"card\d{1,3}")


async def read_gpu_use() -> tuple[GpuUse, ...]:
    """Ask what is installed; empty where there is no GPU, or its driver does not answer."""
    return (*await _nvidia(), *await _amd())


async def _nvidia() -> tuple[GpuUse, ...]:
    program = find_program("nvidia-smi")
    if program is None:
        return ()
    command = [program, f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits"]
    reply = await ask(command, timeout_s=TIMEOUT_S)
    return read_nvidia(reply.text, os.environ.get("CUDA_VISIBLE_DEVICES"))


async def _amd() -> tuple[GpuUse, ...]:
    program = find_program("rocm-smi")
    if program is None:
        return ()
    return read_rocm((await ask([program, *ROCM_WORDS], timeout_s=TIMEOUT_S)).text)


def read_nvidia(text: str, named: str | None = None) -> tuple[GpuUse, ...]:
    """Read the answer to the query.

    Args:
        text: What nvidia-smi said.
        named: CUDA_VISIBLE_DEVICES; None leaves all.
    """
    found: dict[int, GpuUse] = {}
    gpus: list[Gpu] = []
    for cells in csv.reader(text.splitlines()[:MOST_GPUS], skipinitialspace=True):
        if len(cells) != len(FIELDS) or not cells[0].strip().isdecimal():
            continue
        index, name, uuid, busy, used, total = (cell.strip() for cell in cells)
        label = one_line(name)[:80] or "NVIDIA GPU"
        gpus.append(Gpu(index=int(index), name=label, total_bytes=0, free_bytes=0, uuid=uuid[:100]))
        found[int(index)] = GpuUse(
            name=label,
            used_percent=_percent(busy),
            memory_used_bytes=_mib(used),
            memory_bytes=_mib(total),
        )
    return tuple(found[gpu.index] for gpu in visible(Found(tuple(gpus)), named).gpus)


def read_rocm(text: str) -> tuple[GpuUse, ...]:
    """Read the JSON of rocm-smi: an object for each card."""
    try:
        said: Any = json.loads(text)
    except ValueError:
        return ()
    if not isinstance(said, dict):
        return ()
    cards = [said[key] for key in sorted(said) if _CARD.fullmatch(key) and isinstance(said[key], dict)]
    return tuple(_card({str(name).lower(): str(fact) for name, fact in card.items()}) for card in cards)


def _card(facts: dict[str, str]) -> GpuUse:
    name = facts.get("card series") or facts.get("card model") or facts.get("device name") or "AMD GPU"
    return GpuUse(
        name=one_line(name)[:80] or "AMD GPU",
        used_percent=_percent(facts.get("gpu use (%)", "")),
        memory_used_bytes=_bytes(facts.get("vram total used memory (b)", "")),
        memory_bytes=_bytes(facts.get("vram total memory (b)", "")),
    )


def _percent(cell: str) -> float | None:
    """Return a share; None for "[N/A]" and other words."""
    return min(float(cell), 100.0) if cell.isascii() and cell.isdecimal() else None


def _mib(cell: str) -> int | None:
    return min(int(cell), MOST_MIB) * MIB if cell.isascii() and cell.isdecimal() else None


def _bytes(cell: str) -> int | None:
    return min(int(cell), MOST_MIB * MIB) if cell.isascii() and cell.isdecimal() else None
