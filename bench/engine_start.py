"""What a start of the engine costs: its phases, cold and warm, and what the event loop feels of it.

    python -m bench.engine_start

The model service starts vLLM with the tiny model, first with empty caches, then again. Meanwhile a task
beside it notes how late the loop wakes it. The peer is a loop beside the same vLLM as a plain process:
what the machine itself delays.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.engine_readers import no_engine
from bench.figure import Figure, percentile, report
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.model_parts import RealParts
from tests.tiny.build import shared_folder, tiny_model
from tests.tiny.engine import MODEL, WINDOW_TOKENS, real_engine, setting_of
from tools.engine import engine_python

BENCH = "engine_start"
MAX_LAG_MS = 20.0
WITHIN_S = 600.0
_TICK_S = 0.005
_LOOK_S = 0.02


def main() -> int:
    """Run the benchmark and print its figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the engine ends with the bench
    if no_engine(BENCH):
        return 0
    weights = tiny_model(shared_folder())
    with tempfile.TemporaryDirectory(prefix="gl-") as folder, _caches(Path(folder, "caches")):
        cold, cold_lags = asyncio.run(started(weights, Path(folder)))
        warm, warm_lags = asyncio.run(started(weights, Path(folder)))
    peer_s, peer_lags = asyncio.run(plainly_started(weights))
    figures = [
        Figure(
            BENCH,
            f"event loop lag while the engine starts, {label}, p99",
            percentile(lags, 99),
            "ms",
            "a loop beside the same vLLM, without the service",
            percentile(peer_lags, 99),
            MAX_LAG_MS,
        )
        for label, lags in (("cold", cold_lags), ("warm", warm_lags))
    ]
    figures += [
        Figure(BENCH, f"{phase}, cold", cold_s, "s", "warm", warm.get(phase, 0.0))
        for phase, cold_s in cold.items()
    ]
    figures.append(Figure(BENCH, "whole start, warm", sum(warm.values()), "s", "vLLM alone", peer_s))
    return report(figures)


async def started(weights: Path, folder: Path) -> tuple[Mapping[str, float], list[float]]:
    """Start the engine by our service; return how long each phase took, and the lags of the loop.

    Raises:
        RuntimeError: It did not come up.
    """
    config = ModelConfig(
        engine="vllm",
        engine_python=str(engine_python()),
        source=str(weights),
        name=MODEL,
        max_model_len=WINDOW_TOKENS,
        kv_cache_bytes=256 << 20,
        eager=True,
        shutdown_timeout_s=2,
    )
    service = ModelService(config, RealParts(config, folder))
    took: dict[str, float] = {}
    try:
        async with lags_of_this_loop() as lags:
            await service.start()
            last, deadline = time.perf_counter(), time.monotonic() + WITHIN_S
            while (state := service.state()).phase != "ready":
                if state.phase == "failed" or time.monotonic() > deadline:
                    raise RuntimeError(f"the engine did not start: {state.failure}")
                await asyncio.sleep(_LOOK_S)
                now = time.perf_counter()
                took[state.phase] = took.get(state.phase, 0.0) + now - last
                last = now
        return took, lags
    finally:
        await service.close()


@asynccontextmanager
async def lags_of_this_loop() -> AsyncIterator[list[float]]:
    """Note how many milliseconds too late the loop runs a task that asks for every 5 ms."""
    lags: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            lags.append((time.perf_counter() - began - _TICK_S) * 1000)

    task = asyncio.ensure_future(tick())
    try:
        yield lags
    finally:
        task.cancel()


async def plainly_started(weights: Path) -> tuple[float, list[float]]:
    """Start the same vLLM without the service; return its time, and the lags of a loop beside it."""

    def wait() -> float:
        began = time.perf_counter()
        with real_engine(setting_of(engine_python(), weights)):
            return time.perf_counter() - began

    async with lags_of_this_loop() as lags:
        return await asyncio.to_thread(wait), lags


@contextlib.contextmanager
def _caches(folder: Path) -> Iterator[None]:
    """Have the engine begin with empty caches."""
    former = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    try:
        yield
    finally:
        if former is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = former


if __name__ == "__main__":
    sys.exit(main())
