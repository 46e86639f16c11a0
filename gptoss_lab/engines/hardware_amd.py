"""AMD's accelerators, as `rocm-smi` or `amd-smi` tell of them.

Source: https://rocm.docs.amd.com/projects/rocm_smi_lib and https://rocm.docs.amd.com/projects/amdsmi
"""

from __future__ import annotations

import json
import re
from typing import Any

from gptoss_lab.engines.hardware_nvidia import Found
from gptoss_lab.engines.probe import ask, find_program, one_line
from gptoss_lab.schemas.model import Gpu

ROCM_WORDS = ("--showproductname", "--showmeminfo", "vram", "--showuniqueid", "--showdriverversion", "--json")
UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "MIB": 1 << 20, "GB": 1 << 30, "GIB": 1 << 30}
MOST_BYTES = 1 << 44
_CARD = re.compile(r"card(\d{1,3})")


async def find_amd() -> Found:
    """Ask what is installed: rocm-smi tells all at once, amd-smi in two answers."""
    rocm, amd = find_program("rocm-smi"), find_program("amd-smi")
    if rocm is None and amd is None:
        return Found(missing=("AMD GPUs were not looked for: neither rocm-smi nor amd-smi is installed",))
    problem = ""
    if rocm is not None:
        reply = await ask([rocm, *ROCM_WORDS])
        gpus = read_rocm(reply.text)
        if gpus:
            return Found(gpus)
        problem = reply.problem
    if amd is not None:
        still = await ask([amd, "static", "--asic", "--vram", "--driver", "--json"])
        moving = await ask([amd, "metric", "--mem-usage", "--json"])
        gpus = read_amd(still.text, moving.text)
        if gpus:
            return Found(gpus)
        problem = still.problem or moving.problem or problem
    return Found(missing=(f"AMD GPUs could not be asked: {problem}",) if problem else ())


def read_rocm(text: str) -> tuple[Gpu, ...]:
    """Read the JSON of rocm-smi: an object for each card, and one for the system."""
    said = _parsed(text)
    if not isinstance(said, dict):
        return ()
    driver = one_line(str(_mapping(said.get("system")).get("Driver version", "")))[:32]
    gpus = []
    for key, value in said.items():
        card = _CARD.fullmatch(key)
        facts = {name.lower(): str(fact) for name, fact in _mapping(value).items()}
        total = _bytes(facts.get("vram total memory (b)"))
        if card is None or not total:
            continue
        name = facts.get("card series") or facts.get("card model") or facts.get("device name") or "AMD GPU"
        used = _bytes(facts.get("vram total used memory (b)"))
        gpus.append(_gpu(int(card[1]), name, total, total - used, facts.get("gfx version", ""), driver))
    return tuple(sorted(gpus, key=lambda gpu: gpu.index))


def read_amd(still: str, moving: str) -> tuple[Gpu, ...]:
    """Read the JSON of `amd-smi static` and of `amd-smi metric`; older and newer ones wrap them otherwise."""
    usage = {row.get("gpu"): _mapping(row.get("mem_usage")) for row in _rows(moving)}
    gpus = []
    for row in _rows(still):
        asic, index = _mapping(row.get("asic")), row.get("gpu")
        total = _amount(_mapping(row.get("vram")).get("size"))
        if not isinstance(index, int) or not total:
            continue
        used = _amount(usage.get(index, {}).get("used_vram"))
        driver = one_line(str(_mapping(row.get("driver")).get("version", "")))[:32]
        name, target = str(asic.get("market_name", "AMD GPU")), str(asic.get("target_graphics_version", ""))
        gpus.append(_gpu(index, name, total, total - used, target, driver))
    return tuple(gpus)


def _gpu(index: int, name: str, total: int, free: int, target: str, driver: str) -> Gpu:
    return Gpu(
        index=index,
        name=one_line(name)[:80],
        kind="rocm",
        total_bytes=total,
        free_bytes=max(0, free),
        capability=target if re.fullmatch(r"gfx[0-9a-f]{3,5}", target) else "",
        driver=driver,
    )


def _rows(text: str) -> list[dict[str, Any]]:
    said = _parsed(text)
    if isinstance(said, dict):
        said = said.get("gpu_data", [])
    return [row for row in said if isinstance(row, dict)] if isinstance(said, list) else []


def _amount(said: Any) -> int:
    facts = _mapping(said)
    value, unit = facts.get("value"), str(facts.get("unit", "")).upper()
    if not isinstance(value, int) or unit not in UNITS:
        return 0
    return max(0, min(value * UNITS[unit], MOST_BYTES))


def _bytes(said: str | None) -> int:
    return min(int(said), MOST_BYTES) if said and said.isascii() and said.isdecimal() else 0


def _mapping(said: Any) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # it said nothing that we know
        return None
