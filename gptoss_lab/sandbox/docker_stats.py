"""Follow a container where its control group cannot be read: a daemon elsewhere.

One stream of statistics, a sample a second, and one of events, which alone tell of a process that
was ended for want of memory while the container lives on.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.runtime import ResourceUsage

LOG = logging.getLogger(__name__)
NANOSECONDS = 1e9


class StatsFollower:
    """Keeps the last sample, with the peak seen, and counts the kills."""

    def __init__(self, client: DockerClient, container: str) -> None:
        self._client = client
        self._container = container
        self._latest: ResourceUsage | None = None
        self._oom_kills = 0
        self._tasks = [
            asyncio.create_task(self._follow(follow), name=f"docker-{name}-{container[:12]}")
            for name, follow in (("stats", self._samples), ("events", self._events))
        ]

    def latest(self) -> ResourceUsage | None:
        """Return the last sample; None before the first, about a second after the start."""
        return None if self._latest is None else replace(self._latest, oom_kills=self._oom_kills)

    def close(self) -> None:
        """Stop following. Idempotent."""
        for task in self._tasks:
            task.cancel()

    async def _follow(self, follow: Any) -> None:
        try:
            await follow()
        except SandboxError as error:  # figures only: the sandbox's end is seen elsewhere
            LOG.debug("the figures of %s are not followed any more: %s", self._container[:12], error)

    async def _samples(self) -> None:
        path = f"/containers/{self._container}/stats"
        async for sample in self._client.lines(path, {"stream": "1"}):
            usage, before = usage_from(sample), self._latest or ResourceUsage()
            peak = max(usage.peak_memory_bytes or 0, before.peak_memory_bytes or 0)
            if usage.memory_bytes is not None:  # the last one, of a container that has ended, is empty
                self._latest = replace(usage, peak_memory_bytes=peak or None)

    async def _events(self) -> None:
        filters = {"container": [self._container], "event": ["oom"]}
        async for event in self._client.lines("/events", {"filters": json.dumps(filters)}):
            self._oom_kills += event.get("status") == "oom" or event.get("Action") == "oom"


def usage_from(sample: dict[str, Any]) -> ResourceUsage:
    """Read one statistics sample; what it lacks is None.

    Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerStats
    """
    memory = sample.get("memory_stats") or {}
    cpu = sample.get("cpu_stats") or {}
    used = memory.get("usage")
    total = (cpu.get("cpu_usage") or {}).get("total_usage")
    throttled = (cpu.get("throttling_data") or {}).get("throttled_time")
    return ResourceUsage(
        memory_bytes=None if used is None else max(0, used - _cache(memory.get("stats") or {})),
        peak_memory_bytes=memory.get("max_usage") or used,
        cpu_s=None if total is None else total / NANOSECONDS,
        pids=(sample.get("pids_stats") or {}).get("current"),
        throttled_s=None if throttled is None else throttled / NANOSECONDS,
    )


def _cache(stats: dict[str, Any]) -> int:
    """Return the bytes of files that the kernel would drop at once if memory were needed."""
    return int(stats.get("total_inactive_file", stats.get("inactive_file", 0)))
