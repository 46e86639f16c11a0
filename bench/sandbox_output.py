"""What a sandboxed kernel may say, and how fast: large outputs and floods, beside a local ipykernel.

    python -m bench.sandbox_output [--rounds 5] [--messages 1000000]

A flood is read by the execution service in this process, whose event loop is watched meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from statistics import median

import psutil
from typing_extensions import Self

from bench.figure import Figure, percentile, report
from bench.kernels import LOCAL, Started, local_manager, subjects
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest, Limits
from gptoss_lab.services.execution import ExecutionService

BENCH = "sandbox_output"
TEXT_BYTES = 20 << 20
IMAGE_BYTES = 10 << 20
LAG_P99_MS = 50.0
RSS_ADDED_MB = 256.0
TICK_S = 0.005
# In pieces, as programs write: one call would be one message.
TEXT = f"import sys\nline = 'x' * 1023 + '\\n'\nfor _ in range({TEXT_BYTES >> 10}): sys.stdout.write(line)"
IMAGE = f"""
import os
from IPython.display import Image, display
display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + os.urandom({IMAGE_BYTES}), format="png"))
"""
# Each flush is a message of its own.
FLOOD = """
import sys
for number in range({messages}):
    sys.stdout.write("x")
    sys.stdout.flush()
"""


class LagMeter:
    """Watches how late the event loop wakes a task that sleeps, as a context."""

    def __init__(self) -> None:
        self.lags_ms: list[float] = []
        self.peak_rss_bytes = 0

    async def __aenter__(self) -> Self:
        """Begin."""
        self._process = psutil.Process()
        self.begin_rss_bytes = self._process.memory_info().rss
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.lags_ms.append((time.perf_counter() - began - TICK_S) * 1000)
            if len(self.lags_ms) % 20 == 0:
                self.peak_rss_bytes = max(self.peak_rss_bytes, self._process.memory_info().rss)


async def rates(kernel: Started, code: str, size_bytes: int, rounds: int) -> float:
    """Return the median MB/s at which a cell's output arrives."""
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        await kernel.text(code)
        taken.append(time.perf_counter() - began)
    return size_bytes / 1e6 / median(taken)


async def throughput(rounds: int) -> list[Figure]:
    """Measure large outputs of each runtime, in turns with a local kernel."""
    figures: list[Figure] = []
    for subject in [one for one in await subjects() if one.language == "python"]:
        manager = local_manager()
        assert manager is not None
        async with Started(subject.manager()) as ours, Started(manager) as local:
            for what, code, size in (
                ("20 MB of stdout", TEXT, TEXT_BYTES),
                ("a 10 MB image", IMAGE, IMAGE_BYTES),
            ):
                value = await rates(ours, code, size, rounds)
                peer = await rates(local, code, size, rounds)
                figures.append(Figure(BENCH, f"{what}, {subject.name}", value, "MB/s", LOCAL["python"], peer))
    return figures


async def flood(runtime: str, messages: int) -> list[Figure]:
    """Run a cell that sends messages without end, and watch the loop that reads them."""
    limits = Limits(output_bytes=64 << 20, output_messages=messages, cell_timeout_s=600, wall_clock_s=600)
    config = SandboxConfig.model_validate({"runtime": runtime, "limits": limits})
    service = ExecutionService(config=config, runtimes=make_runtimes(config))
    try:
        await service.execute(ExecutionRequest(code="1"))
        async with LagMeter() as meter:
            began = time.perf_counter()
            done = await service.execute(ExecutionRequest(code=FLOOD.format(messages=messages)))
            took_s = time.perf_counter() - began
    finally:
        await service.close()
    assert done.status == "ok", done.status
    added = (meter.peak_rss_bytes - meter.begin_rss_bytes) / 1e6
    name = f"flood of {messages} messages, {runtime}"
    return [
        Figure(
            BENCH, f"event-loop lag p99, {name}", percentile(meter.lags_ms, 99), "ms", threshold=LAG_P99_MS
        ),
        Figure(BENCH, f"event-loop lag maximum, {name}", max(meter.lags_ms), "ms"),
        Figure(BENCH, f"resident memory added, {name}", added, "MB", threshold=RSS_ADDED_MB),
        Figure(BENCH, f"messages, {name}", messages / took_s, "1/s"),
    ]


async def measure(rounds: int, messages: int) -> list[Figure]:
    """Measure what there is."""
    figures = await throughput(rounds)
    for runtime in dict.fromkeys(one.runtime for one in await subjects() if one.language == "python"):
        figures += await flood(runtime, messages)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    return report(asyncio.run(measure(options.rounds, options.messages)))


if __name__ == "__main__":
    raise SystemExit(main())
