"""What this machine has, as far as a model cares."""

from __future__ import annotations

import asyncio
import os
import platform
from pathlib import Path

from gptoss_lab.engines.hardware_amd import find_amd
from gptoss_lab.engines.hardware_host import Host, free_disk, read_host
from gptoss_lab.engines.hardware_nvidia import find_nvidia, share_memory, visible
from gptoss_lab.engines.probe import ask, find_program, look, one_line
from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.model import Hardware


async def read_hardware(place: Path | None = None) -> Hardware:
    """Ask the machine; what does not answer in time is said in `missing`.

    Args:
        place: Where the weights will lie, for the free disk; our data folder when None.
    """
    target = place or data_dir()
    nvidia, amd, host, disk, brand = await asyncio.gather(
        find_nvidia(), find_amd(), look(read_host), look(lambda: free_disk(target)), _brand()
    )
    nvidia = visible(nvidia, os.environ.get("CUDA_VISIBLE_DEVICES"))
    amd = visible(amd, os.environ.get("HIP_VISIBLE_DEVICES"))
    missing = [*nvidia.missing, *amd.missing]
    if host is None:
        host = Host()
        missing.append("the processor and the memory could not be asked")
    if disk is None:
        missing.append(f"the free disk at {target} could not be asked")
    gpus = tuple(
        gpu if gpu.total_bytes else share_memory(gpu, host.memory_bytes, host.available_bytes)
        for gpu in (*nvidia.gpus, *amd.gpus)
    )
    if platform.system() == "Darwin":
        missing.append("Apple's GPU shares the memory of the machine; vLLM does not use it")
    return Hardware(
        gpus=gpus,
        cpu=brand or host.cpu,
        cores=host.cores,
        cpu_features=host.features,
        memory_bytes=host.memory_bytes,
        available_bytes=host.available_bytes,
        disk_free_bytes=disk or 0,
        system=platform.system(),
        machine=platform.machine(),
        missing=tuple(missing),
    )


async def _brand() -> str:
    """Return the processor's name where /proc does not tell it."""
    program = find_program("sysctl") if platform.system() == "Darwin" else None
    if program is None:
        return ""
    return one_line((await ask([program, "-n", "machdep.cpu.brand_string"])).text)
