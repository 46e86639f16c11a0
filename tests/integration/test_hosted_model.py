"""A real Jupyter server hosts a real vLLM: started, asked, killed, started again, gone with its server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.conftest import GONE_WITHIN_S, MakeStation, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import Station, described, soon, until
from tests.tiny.lessons import ENDLESS, GROUP_MEAN
from tools.engine import engine_python

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1500)]
LOADED_WITHIN_S = 600.0
MODEL = "tiny-gpt-oss"
ORDER = ("resolving", "starting", "loading_weights", "allocating_kv", "compiling", "warming", "ready")
ATTEMPTS = 40
ON_ITS_WAY_S = 1.0  # for what the engine said before it stood still
FIRST_CELL = "count = 0\ncount"
LAG_MEDIAN_S = 0.1  # of a whole request, on a machine that vLLM's start keeps busy


@pytest.fixture
def station(stations: MakeStation, tiny_weights: Path) -> Station:
    """A station that may host the tiny model, and runs no cells."""
    return stations(sandbox={"runtime": "none"}, model=hosted(tiny_weights))


def hosted(weights: Path) -> dict[str, Any]:
    """Return the configuration of a start that is as quick as can be."""
    return {
        "engine": "vllm",
        "engine_python": str(engine_python()),
        "source": str(weights),
        "name": MODEL,
        "max_model_len": 8192,
        "kv_cache_bytes": 256 << 20,
        "eager": True,
        "prefix_retention": 128,
        "temperature": 0,
        "effort": "low",
        "shutdown_timeout_s": 2,
    }


async def state(running: Server) -> dict[str, Any]:
    """Return the model as it stands."""
    answer = await running.http.get(f"{API}/model")
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def loaded(running: Server) -> tuple[list[str], list[float]]:
    """Look often until the model is ready; return the phases it went through, and how long each look took."""
    phases: list[str] = []
    took: list[float] = []
    deadline = time.monotonic() + LOADED_WITHIN_S
    while True:
        began = time.perf_counter()
        now = await state(running)
        took.append(time.perf_counter() - began)
        phases.append(now["phase"])
        assert now["phase"] != "failed", now["failure"]
        assert time.monotonic() < deadline, phases
        if now["phase"] == "ready":
            return [phase for phase, _ in itertools.groupby(phases)], took
        await asyncio.sleep(0.05)


def engines(root: psutil.Process) -> list[psutil.Process]:
    """Return vLLM's processes below a server that compute."""
    return [child for child in root.children(recursive=True) if "EngineCore" in titles([child])]


def titles(processes: Iterable[psutil.Process]) -> str:
    """Return the command lines of processes, which vLLM's replace by what they are."""
    return "\n".join(map(described, processes))


async def test_the_life_of_a_hosted_model(station: Station, record_property: Any) -> None:
    """From the request to start, through a crash in the middle of an answer, to the end of the server."""
    async with server(station) as running:
        assert (await state(running))["can_start"] is True
        started = await running.http.post(f"{API}/model/start")
        assert started.json()["phase"] == "resolving", started.text
        phases, took = await loaded(running)
        assert set(phases) <= set(ORDER), phases
        assert len(phases) == len(set(phases)), phases
        assert (phases[0] in ORDER[:2], phases[-1]) == (True, "ready")
        assert "loading_weights" in phases
        record_property("look_median_s", statistics.median(took))
        record_property("look_worst_s", max(took))
        assert statistics.median(took) < LAG_MEDIAN_S

        await expect_an_answer(running)
        await expect_a_crash_to_be_survived(running)

        os.kill(running.pid, signal.SIGKILL)
        await soon(running.process.wait(), 10)
        await nothing_left(station, docker=False, within_s=GONE_WITHIN_S)


async def expect_an_answer(running: Server) -> None:
    """A generation goes through the hosted model, by default."""
    job = await running.submit(task=GROUP_MEAN.task)
    story = await soon(running.story(job), LOADED_WITHIN_S)
    assert story[-1]["type"] == "done", story[-1]
    answer = await running.job(job)
    assert (answer["generator"], answer["model"]) == ("model", MODEL)
    assert len(await code_of(running, job)) == 2
    now = await state(running)
    assert (now["phase"], now["version"][:4], now["max_model_len"]) == ("ready", "0.32", 8192)


async def expect_a_crash_to_be_survived(running: Server) -> None:
    """The job ends with a typed error and keeps its cell; the next one waits for the restart and works."""
    (core,) = engines(psutil.Process(running.pid))
    job = await soon(stopped_after_a_cell(running, core), 240)
    core.kill()
    story = await soon(running.story(job), 120)
    assert (story[-1]["type"], story[-1]["problem"]["code"]) == ("error", "engine_lost"), story[-1]
    assert (await code_of(running, job))[0] == FIRST_CELL
    again = await running.submit(task=GROUP_MEAN.task)
    waited = await soon(running.reached(again, "progress", stage="prompt"), 60)
    assert waited["message"].startswith("waiting for the model: ")
    story = await soon(running.story(again), LOADED_WITHIN_S)
    assert story[-1]["type"] == "done", story[-1]
    assert (await state(running))["restarts"] == 1


async def stopped_after_a_cell(running: Server, core: psutil.Process) -> str:
    """Return a job whose engine stands still after its first cell, in the middle of its answer.

    The engine is stopped in the moment in which the cell's end is told; where the answer was over all the
    same, another is asked for.
    """
    for _ in range(ATTEMPTS):
        job = await running.submit(task=ENDLESS.task)
        async with contextlib.aclosing(running.events(job)) as events:  # type: ignore[type-var]
            async for event in events:
                if event["type"] == "cell_close":
                    core.suspend()
                    break
        await asyncio.sleep(ON_ITS_WAY_S)
        if (await running.job(job))["state"] == "running":
            return job
        core.resume()
    raise AssertionError("the engine could not be stopped in the middle of an answer")


async def code_of(running: Server, job: str) -> list[str]:
    """Return the code cells that a job has so far."""
    return [cell["source"] for cell in (await running.job(job))["cells"] if cell["kind"] == "code"]


async def test_a_start_is_cancelled_in_the_middle(station: Station) -> None:
    """Stop ends the engine while it loads; nothing of it is left."""
    async with server(station) as running:
        await running.http.post(f"{API}/model/start")
        root = psutil.Process(running.pid)
        await until(lambda: "vllm" in titles(root.children(recursive=True)), "no engine", 120)
        stopped = await running.http.post(f"{API}/model/stop", timeout=60)
        assert stopped.json()["phase"] == "stopped", stopped.text
        await until(lambda: "vllm" not in titles(root.children(recursive=True)), "an engine", GONE_WITHIN_S)
        assert (await state(running))["can_start"] is True
