"""After `kill -9` nothing is left within five seconds, whatever was going on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.integration.command import started
from tests.integration.conftest import GONE_WITHIN_S, MakeStation, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import Station, soon, until

pytestmark = pytest.mark.timeout(300)
TASK = "mean of one column grouped by another"
ENDLESS = ["import time\nwhile True: time.sleep(0.1)"]


async def kill(running: Server, station: Station, *, docker: bool) -> float:
    """Kill the server and nothing else; return how long the rest took to follow."""
    os.kill(running.pid, signal.SIGKILL)
    await soon(running.process.wait(), 10)
    return await nothing_left(station, docker=docker, within_s=GONE_WITHIN_S)


async def sandbox_up(station: Station, runtime: str) -> None:
    """Wait until the sandbox is there, to its last process."""
    if runtime == "docker":
        await until(lambda: bool(station.containers(running=True)), "no container", 60)
    else:
        # The kernel's command holds its guard; that of what started it has options before.
        await until(lambda: any(" python3 -c " in line for line in station.left()), "no kernel", 60)


async def test_while_cells_are_verified(busy_station: Station, runtime: str) -> None:
    """A verification has a sandbox open."""
    async with server(busy_station) as running:
        job = await running.submit(task=TASK)
        await soon(running.reached(job, "stage", stage="verify"), 120)
        await sandbox_up(busy_station, runtime)
        assert await kill(running, busy_station, docker=runtime == "docker") < GONE_WITHIN_S


async def test_while_code_runs(station: Station, runtime: str) -> None:
    """A cell that never ends is busy in the sandbox."""
    async with server(station) as running:
        call = running.http.build_request("POST", f"{API}/code/execute?wait=true", json={"cells": ENDLESS})
        sent = asyncio.ensure_future(running.http.send(call))
        await sandbox_up(station, runtime)
        await asyncio.sleep(1)
        assert await kill(running, station, docker=runtime == "docker") < GONE_WITHIN_S
        await asyncio.wait({sent})
        assert sent.exception() is not None


async def test_while_a_kernel_is_open(station: Station, runtime: str) -> None:
    """A person's own sandboxed kernel is open in a notebook."""
    async with server(station) as running:
        answer = await running.http.post("/api/kernels", json={"name": "gptoss-python"})
        assert answer.status_code == 201, answer.text + running.log()
        await sandbox_up(station, runtime)
        assert await kill(running, station, docker=runtime == "docker") < GONE_WITHIN_S


async def test_while_a_package_is_indexed(stations: MakeStation, tmp_path: Path) -> None:
    """The parsing child ends with the server, and no half index is left."""
    station = stations(sandbox={"runtime": "none"})
    station.data = tmp_path / "data"
    async with server(station) as running:
        await running.submit(task=TASK, sources=[{"uri": "scikit-learn"}], verify=False)
        await until(lambda: bool(workers(station)), "no parsing child", 60)
        assert await kill(running, station, docker=False) < GONE_WITHIN_S
    async with server(station) as again:
        assert (await again.http.get(f"{API}/corpora")).json() == {"corpora": []}
    await nothing_left(station, docker=False)


async def test_the_command_line_while_cells_run(busy_station: Station, runtime: str) -> None:
    """The command line holds sandboxes too."""
    words = ("generate", "--task", TASK, "--out", "a.ipynb")
    async with started(busy_station, *words) as process:
        assert process.stderr is not None
        line = b"-"
        while line and b"running the cells" not in line:
            line = await soon(process.stderr.readline(), 120)
        assert line
        await sandbox_up(busy_station, runtime)
        process.kill()
        await soon(process.wait(), 10)
        await nothing_left(busy_station, docker=runtime == "docker")
    assert not list(busy_station.folder.glob("*.ipynb"))


def workers(station: Station) -> list[str]:
    """Return the parsing children that run now."""
    return [line for line in station.left() if "gptoss_lab.documents.worker" in line]
