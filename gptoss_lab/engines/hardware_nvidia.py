"""NVIDIA's accelerators, as `nvidia-smi` tells of them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace

from gptoss_lab.engines.probe import ask, find_program, one_line
from gptoss_lab.schemas.model import Gpu

FIELDS = (
    "index",
    "name",
    "uuid",
    "memory.total",
    "memory.free",
    "compute_cap",
    "driver_version",
    "mig.mode.current",
)
MIB = 1 << 20
MOST_MIB = 1 << 24
MOST_GPUS = 64
_CAPABILITY = re.compile(r"\d{1,2}\.\d")
_VERSION = re.compile(r"\d[\d.]{0,31}")
_UUID = re.compile(r"(?:GPU|MIG)-[0-9A-Za-z/\-]{8,100}")
_PART_LINE = re.compile(
    r"^\s+MIG\s+(?P<profile>\S+)\s+Device\s+(?P<index>\d+):\s+\(UUID:\s*(?P<uuid>[^)]+)\)"
)
_GPU_LINE = re.compile(r"^GPU\s+(?P<index>\d+):")
_PART = re.compile(r"<mig_device>(.*?)</mig_device>", re.DOTALL)
_PART_MEMORY = re.compile(
    r"<fb_memory_usage>.*?<total>\s*(\d+)\s*MiB.*?<free>\s*(\d+)\s*MiB.*?</fb_memory_usage>", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Found:
    """The accelerators of one maker, and what could not be asked."""

    gpus: tuple[Gpu, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    gpu: Gpu
    is_divided: bool


async def find_nvidia() -> Found:
    """Ask `nvidia-smi` for the GPUs, and for the parts of those that are divided (MIG)."""
    program = find_program("nvidia-smi")
    if program is None:
        return Found(missing=("NVIDIA GPUs were not looked for: nvidia-smi is not installed",))
    reply = await ask([program, f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits"])
    if reply.problem:
        return Found(missing=(f"NVIDIA GPUs could not be asked: {reply.problem}",))
    rows, missing = read_rows(reply.text)
    whole = tuple(row.gpu for row in rows if not row.is_divided)
    divided = [row.gpu for row in rows if row.is_divided]
    if not divided:
        return Found(whole, missing)
    listed, told = await ask([program, "-L"]), await ask([program, "-q", "-x"])
    parts, unread = read_parts(divided, listed.text, told.text)
    return Found((*whole, *parts), (*missing, *unread))


def read_rows(text: str) -> tuple[list[_Row], tuple[str, ...]]:
    """Read the answer to the query; a line that is none of its is told, not believed."""
    rows: list[_Row] = []
    missing: list[str] = []
    for cells in csv.reader(text.splitlines()[:MOST_GPUS], skipinitialspace=True):
        row = _row([cell.strip() for cell in cells])
        if row is None:
            missing.append(f"a line of nvidia-smi could not be read: {one_line(', '.join(cells))}")
            continue
        rows.append(row)
        if not row.gpu.total_bytes:
            missing.append(f"{row.gpu.name} does not tell its memory; it may share that of the machine")
    return rows, tuple(missing)


def read_parts(divided: list[Gpu], listed: str, told: str) -> tuple[tuple[Gpu, ...], tuple[str, ...]]:
    """Return the parts of divided GPUs: their names from `-L`, their memory from the XML of `-q -x`.

    Both list the parts in the same order, GPU by GPU.
    """
    memories = [_PART_MEMORY.search(part) for part in _PART.findall(told)]
    owner: Gpu | None = None
    parts: list[Gpu] = []
    for line in listed.splitlines():
        if (head := _GPU_LINE.match(line)) is not None:
            owner = next((gpu for gpu in divided if gpu.index == int(head["index"])), None)
        named = _PART_LINE.match(line)
        if owner is None or named is None or len(parts) >= len(memories):
            continue
        memory = memories[len(parts)]
        total, free = (int(memory[1]), int(memory[2])) if memory else (0, 0)
        change = {
            "name": f"{owner.name} MIG {named['profile']}",
            "uuid": named["uuid"].strip() if _UUID.fullmatch(named["uuid"].strip()) else "",
            "total_bytes": min(total, MOST_MIB) * MIB,
            "free_bytes": min(free, total, MOST_MIB) * MIB,
        }
        parts.append(owner.model_copy(update=change))
    if parts:
        return tuple(parts), ()
    names = ", ".join(gpu.name for gpu in divided)
    return (), (f"{names} is divided (MIG), and its parts could not be asked",)


def _row(cells: list[str]) -> _Row | None:
    if len(cells) != len(FIELDS) or not cells[0].isdecimal():
        return None
    index, name, uuid, total, free, capability, driver, mig = cells
    total_mib = _mib(total)
    gpu = Gpu(
        index=int(index),
        name=one_line(name)[:80] or "NVIDIA GPU",
        total_bytes=total_mib * MIB,
        free_bytes=min(_mib(free), total_mib) * MIB,
        capability=capability if _CAPABILITY.fullmatch(capability) else "",
        driver=driver if _VERSION.fullmatch(driver) else "",
        uuid=uuid if _UUID.fullmatch(uuid) else "",
    )
    return _Row(gpu, is_divided=mig == "Enabled")


def _mib(cell: str) -> int:
    """Return a number of MiB; 0 for "[N/A]" and other words."""
    return min(int(cell), MOST_MIB) if cell.isascii() and cell.isdecimal() else 0


def share_memory(gpu: Gpu, total_bytes: int, free_bytes: int) -> Gpu:
    """Return a GPU that has no memory of its own, with the machine's."""
    return gpu.model_copy(update={"total_bytes": total_bytes, "free_bytes": min(free_bytes, total_bytes)})


def visible(found: Found, names: str | None) -> Found:
    """Return what CUDA_VISIBLE_DEVICES leaves of it, as the engine will inherit that; None leaves all."""
    if names is None or not found.gpus:
        return found
    words = [word.strip() for word in names.split(",") if word.strip()]
    kept = tuple(gpu for gpu in found.gpus if any(_names(word, gpu) for word in words))
    hidden = len(found.gpus) - len(kept)
    if not hidden:
        return found
    note = f"CUDA_VISIBLE_DEVICES hides {hidden} of {len(found.gpus)} GPUs"
    return replace(found, gpus=kept, missing=(*found.missing, note))


def _names(word: str, gpu: Gpu) -> bool:
    return word == str(gpu.index) or (len(word) > 4 and gpu.uuid.startswith(word))  # noqa: PLR2004 - "GPU-"
