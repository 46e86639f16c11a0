"""Many sandboxes at once and many in a row: none fails, and nothing is left of them.

    python -m bench.sandbox_soak [--parallel 20] [--starts 1000] [--runtime NAME]

Run by `make bench-soak`; it takes long. Descriptors, tasks, threads, socket folders, child processes
and containers are counted before and after.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields

import psutil

from bench.figure import Figure, percentile, report
from bench.kernels import subjects
from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest, Limits
from gptoss_lab.services.execution import ExecutionService

BENCH = "sandbox_soak"
LIMITS = Limits(memory_bytes=256 << 20, cpus=1)
# Connections that the Docker client keeps, and threads of the loop's executor, come and stay once.
WARM_UP = 20
SETTLE_S = 2.0
RSS_GROWTH_MB = 64.0


@dataclass(frozen=True, slots=True)
class Census:
    """What this process holds now."""

    descriptors: int
    tasks: int
    threads: int
    socket_folders: int
    children: int
    containers: int

    @classmethod
    def take(cls) -> Census:
        """Count."""
        gc.collect()
        return cls(
            descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - what iterdir opens would count
            tasks=len(asyncio.all_tasks()),
            threads=threading.active_count(),
            socket_folders=sum(path.is_dir() for path in run_dir().iterdir()),
            children=len(psutil.Process().children(recursive=True)),
            containers=_containers(),
        )


def _containers() -> int:
    docker = shutil.which("docker")
    if docker is None:
        return 0
    command = [docker, "ps", "--all", "--quiet", "--filter", "label=org.gptoss-lab.sandbox"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return len(done.stdout.split())


async def settled() -> Census:
    """Count once the last sandbox has had time to go."""
    await asyncio.sleep(SETTLE_S)
    return Census.take()


async def one(service: ExecutionService) -> float:
    """Start a sandbox, run a cell and end it; return the seconds, or NaN where it failed."""
    began = time.perf_counter()
    try:
        done = await service.execute(ExecutionRequest(code="print(6 * 7)"))
    except Exception as error:  # noqa: BLE001 - whatever failed is counted, and told
        print(f"failed: {type(error).__name__}: {error}", file=sys.stderr)
        return float("nan")
    if done.status != "ok":
        print(f"failed: {done.status} {done.cells[0].error}", file=sys.stderr)
        return float("nan")
    return time.perf_counter() - began


async def measure(runtime: str, parallel: int, starts: int) -> list[Figure]:
    """Measure one runtime."""
    config = SandboxConfig.model_validate({"runtime": runtime, "limits": LIMITS, "max_sandboxes": parallel})
    service = ExecutionService(config=config, runtimes=make_runtimes(config))
    try:
        for _ in range(WARM_UP // 4):
            await asyncio.gather(*(one(service) for _ in range(4)))
        together = await asyncio.gather(*(one(service) for _ in range(parallel)))
        before, before_rss = await settled(), psutil.Process().memory_info().rss
        again = await asyncio.gather(*(one(service) for _ in range(parallel)))
        row: list[float] = []
        for number in range(starts):
            row.append(await one(service))
            if number % 100 == 99:
                print(f"{number + 1} starts, p50 {percentile(row, 50):.2f} s", file=sys.stderr, flush=True)
        after, after_rss = await settled(), psutil.Process().memory_info().rss
    finally:
        await service.close()
    good = [value for value in row if value == value]  # noqa: PLR0124 - NaN is not itself
    failed = sum(value != value for value in (*together, *again))  # noqa: PLR0124 - as above
    found = [
        Figure(
            BENCH, f"failures of 2 times {parallel} in parallel, {runtime}", failed, "sandboxes", threshold=0
        ),
        Figure(
            BENCH, f"failures of {starts} in a row, {runtime}", len(row) - len(good), "sandboxes", threshold=0
        ),
        Figure(BENCH, f"start to end, {runtime}, p50", percentile(good, 50), "s"),
        Figure(BENCH, f"start to end, {runtime}, p95", percentile(good, 95), "s"),
        Figure(
            BENCH,
            f"resident memory grown, {runtime}",
            (after_rss - before_rss) / 1e6,
            "MB",
            threshold=RSS_GROWTH_MB,
        ),
    ]
    found += [
        Figure(
            BENCH,
            f"{item.name} left over, {runtime}",
            getattr(after, item.name) - getattr(before, item.name),
            item.name,
            threshold=0,
        )
        for item in fields(Census)
    ]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parallel", type=int, default=20)
    parser.add_argument("--starts", type=int, default=1000)
    parser.add_argument("--runtime", choices=("docker", "bubblewrap"), default=None)
    options = parser.parse_args(arguments)
    found = dict.fromkeys(one.runtime for one in asyncio.run(subjects()) if one.language == "python")
    runtimes = [name for name in found if options.runtime in {None, name}]
    if not runtimes:
        print("No sandbox can run here; `jupyter gptoss doctor` says why.", file=sys.stderr)
        return 2
    status = 0
    for runtime in runtimes:
        status |= report(asyncio.run(measure(runtime, options.parallel, options.starts)))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
