"""Cold start of a sandboxed kernel: from nothing to its first result, beside a local ipykernel.

    python -m bench.sandbox_start [--rounds 20]

Every runtime that answers and has its image is measured, in turns with the local kernel.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence

from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from bench.figure import Figure, percentile, report
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig

BENCH = "sandbox_start"
LOCAL = "local ipykernel"
CODE = "print(6 * 7)"


async def first_result_s(manager: AsyncKernelManager) -> float:
    """Return the seconds from the start request to the result of the first cell."""
    heard: list[str] = []
    began = time.perf_counter()
    await manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        await client.execute_interactive(
            CODE, output_hook=lambda message: heard.append(message["content"].get("text", "")), timeout=60
        )
        took_s = time.perf_counter() - began
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    assert "".join(heard).strip() == "42"
    return took_s


def local_manager() -> AsyncKernelManager:
    """Return a manager of the kernel that Jupyter ships with."""
    return AsyncKernelManager(kernel_name="python3")


def sandbox_manager(runtime: str) -> AsyncKernelManager:
    """Return a manager of our kernel in one runtime."""
    config = Config({"GptossLabApp": {"sandbox": {"runtime": runtime}}})
    return AsyncKernelManager(kernel_name="gptoss-python", config=config)


async def ready_runtimes() -> list[str]:
    """Return the runtimes that can start a kernel now."""
    found: list[str] = []
    for runtime in make_runtimes(SandboxConfig()):
        status = await runtime.status("python")
        if status.available and status.image_ready:
            found.append(runtime.name)
        else:
            print(f"{runtime.name} is not measured: {status.reason} {status.hint}", file=sys.stderr)
        await runtime.close()
    return found


async def measure(rounds: int) -> list[Figure]:
    """Measure all runtimes in turns, so that what else the machine does falls on each alike."""
    runtimes = await ready_runtimes()
    times: dict[str, list[float]] = {name: [] for name in (LOCAL, *runtimes)}
    for turn in range(rounds + 1):
        for name, taken in times.items():
            manager = local_manager() if name == LOCAL else sandbox_manager(name)
            took_s = await first_result_s(manager)
            if turn:  # the first turn fills the caches of all
                taken.append(took_s)
    return [
        Figure(
            bench=BENCH,
            figure=f"cold start to first result, {name}, p{percent}",
            value=percentile(times[name], percent),
            unit="s",
            peer=LOCAL,
            peer_value=percentile(times[LOCAL], percent),
        )
        for name in runtimes
        for percent in (50, 95)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args(arguments)
    return report(asyncio.run(measure(options.rounds)))


if __name__ == "__main__":
    raise SystemExit(main())
