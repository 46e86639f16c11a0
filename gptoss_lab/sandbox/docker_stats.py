"""Follow a container's statistics where its control group cannot be read: a daemon elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.runtime import ResourceUsage

NANOSECONDS = 1e9


class StatsFollower:
    """Reads one sample a second in a thread and keeps the last, with the peak seen."""

    def __init__(self, client: DockerClient, container: str) -> None:
        self._container = container
        self._latest: ResourceUsage | None = None
        self._stopped = False
        self._task = asyncio.create_task(self._follow(client), name=f"docker-stats-{container[:12]}")

    def latest(self) -> ResourceUsage | None:
        """Return the last sample; None before the first, about a second after the start."""
        return self._latest

    def close(self) -> None:
        """Stop at the next sample."""
        self._stopped = True
        self._task.cancel()

    async def _follow(self, client: DockerClient) -> None:
        with contextlib.suppress(SandboxError):  # figures only: the sandbox's end is seen elsewhere
            await client.call(self._read)

    def _read(self, api: Any) -> None:
        peak = 0
        for sample in api.stats(self._container, decode=True, stream=True):
            if self._stopped:
                return
            usage = usage_from(sample)
            peak = max(peak, usage.peak_memory_bytes or 0)
            self._latest = ResourceUsage(usage.memory_bytes, peak or None, usage.cpu_s, usage.pids)


def usage_from(sample: dict[str, Any]) -> ResourceUsage:
    """Read one statistics sample; what it lacks is None.

    Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerStats
    """
    memory = sample.get("memory_stats") or {}
    cpu = (sample.get("cpu_stats") or {}).get("cpu_usage") or {}
    used = memory.get("usage")
    total = cpu.get("total_usage")
    return ResourceUsage(
        memory_bytes=used,
        peak_memory_bytes=memory.get("max_usage") or used,
        cpu_s=None if total is None else total / NANOSECONDS,
        pids=(sample.get("pids_stats") or {}).get("current"),
    )
