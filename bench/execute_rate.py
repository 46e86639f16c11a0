"""`/code/execute` of a real server, warm, beside nbclient on a local kernel.

    python -m bench.execute_rate [--seconds 20] [--runtime NAME]

Two ways to be warm are measured: a kept sandbox that runs one request after another, and a single-use
sandbox that waits in the pool. nbclient's figure is one cell on a kernel that it keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import nbformat
from nbclient import NotebookClient

from bench.execute_client import events, execute
from bench.figure import Figure, percentile, report
from bench.kernels import subjects
from bench.server import Server, jupyter_server

BENCH = "execute_rate"
PEER = "nbclient, local kernel"
CONCURRENCIES = (1, 4, 16)
WARM_P50_S = 0.15
CLAIMS = 20
CODE = "print(6 * 7)"
EMPTY = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
CELL: dict[str, Any] = {"metadata": {}, "outputs": [], "execution_count": None}


@dataclass(slots=True)
class Tally:
    """What one load did."""

    done: int = 0
    failed: int = 0
    taken: list[float] = field(default_factory=list)

    def rate(self, seconds: float) -> float:
        """Return the requests per second."""
        return self.done / seconds


async def load(client: httpx.AsyncClient, bodies: Sequence[dict[str, Any]], seconds: float) -> Tally:
    """Send one request after another in each of several lanes."""
    tally = Tally()
    until = time.perf_counter() + seconds

    async def lane(body: dict[str, Any]) -> None:
        while time.perf_counter() < until:
            run = await execute(client, body)
            tally.taken.append(run.took_s)
            tally.done += run.status == "ok"
            tally.failed += run.status != "ok"

    await asyncio.gather(*map(lane, bodies))
    return tally


async def kept(client: httpx.AsyncClient) -> str:
    """Start a sandbox that is kept; return its id.

    Raises:
        RuntimeError: It did not start.
    """
    name = ""
    async for event in events(client, {"code": "1", "keep": True}):
        if event["type"] == "start":
            name = str(event["sandbox"])
        if event["type"] == "end" and event["status"] != "ok":
            raise RuntimeError(f"The sandbox did not start: {event}")
    return name


async def claims(client: httpx.AsyncClient, count: int) -> list[float]:
    """Return the seconds from request to first output of sandboxes that waited in the pool."""
    taken: list[float] = []
    async for _ in events(client, {"code": CODE, "check": False}):
        pass  # the pool is filled from a server's first use of a sandbox on
    while len(taken) < count:
        await _pool_is_ready(client)
        began, first, warm = time.perf_counter(), 0.0, False
        async for event in events(client, {"code": CODE, "check": False}):
            warm = warm or (event["type"] == "start" and event["warm"])
            if event["type"] == "stdout" and not first:
                first = time.perf_counter() - began
        if warm:
            taken.append(first)
    return taken


async def _pool_is_ready(client: httpx.AsyncClient) -> None:
    """Wait until a started kernel waits in the pool.

    Raises:
        RuntimeError: None came.
    """
    until = time.monotonic() + 60
    while time.monotonic() < until:
        listed = (await client.get("/api/v1/sandboxes")).raise_for_status().json()["sandboxes"]
        if any(one["purpose"] == "warm" and one["phase"] == "idle" for one in listed):
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("No sandbox waits in the pool")


async def nbclient_rate(seconds: float) -> float:
    """Return the cells per second that nbclient runs on a kernel that it keeps."""
    cell = {"cell_type": "code", "id": "a", "source": CODE, **CELL}
    notebook = nbformat.from_dict({**EMPTY, "cells": [cell]})  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, kernel_name="python3")
    async with client.async_setup_kernel():
        await client.async_execute_cell(notebook.cells[0], 0)
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            await client.async_execute_cell(notebook.cells[0], 0)
            done += 1
        return done / (time.perf_counter() - began)


async def measure(server: Server, runtime: str, seconds: float) -> list[Figure]:
    """Measure one runtime."""
    peer = await nbclient_rate(seconds / 2)
    headers = {"Authorization": f"token {server.token}"}
    figures: list[Figure] = []
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, timeout=120, trust_env=False
    ) as client:
        first = await claims(client, CLAIMS)
        figures += [
            Figure(
                BENCH,
                f"warm claim to first result, {runtime}, p{percent}",
                percentile(first, percent),
                "s",
                threshold=WARM_P50_S if percent == 50 else None,
            )
            for percent in (50, 95)
        ]
        for lanes in CONCURRENCIES:
            names = [await kept(client) for _ in range(min(lanes, 4))]
            bodies = [
                {"code": CODE, "sandbox": names[lane % len(names)], "keep": True} for lane in range(lanes)
            ]
            tally = await load(client, bodies, seconds)
            for name in names:
                (await client.delete(f"/api/v1/sandboxes/{name}")).raise_for_status()
            what = f"kept sandboxes, {runtime}, concurrency {lanes}"
            figures += [
                Figure(BENCH, f"requests per second, {what}", tally.rate(seconds), "1/s", PEER, peer),
                Figure(BENCH, f"request, {what}, p95", percentile(tally.taken, 95) * 1000, "ms"),
                Figure(BENCH, f"failed requests, {what}", tally.failed, "requests", threshold=0),
            ]
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runtime", choices=("docker", "bubblewrap"), default=None)
    options = parser.parse_args(arguments)
    found = dict.fromkeys(one.runtime for one in asyncio.run(subjects()) if one.language == "python")
    status = 0
    for runtime in [name for name in found if options.runtime in {None, name}]:
        sandbox = {"runtime": runtime, "max_sandboxes": 8, "warm": {"python": 1}}
        config = {"sandbox": sandbox, "execution": {"max_jobs": 16, "max_jobs_kept": 2000}}
        with jupyter_server(extension=True, config=config) as server:
            status |= report(asyncio.run(measure(server, runtime, options.seconds)))
    if not found:
        print("No sandbox can run here; `jupyter gptoss doctor` says why.", file=sys.stderr)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
