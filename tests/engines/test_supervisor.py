"""The supervisor in good times, with an engine that plays one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from gptoss_lab.errors import EngineNotReadyError
from tests.fakes.engines import LOGS, WAIT_S, children, hosted, pid_in

pytestmark = pytest.mark.usefixtures("run_folder")


def open_files() -> int:
    """Count the descriptors of this process."""
    return psutil.Process().num_fds()


def sockets(folder: Path) -> list[Path]:
    """Return the sockets that lie in a folder."""
    return [path for path in folder.rglob("*") if path.is_socket()]


async def test_a_start_goes_through_the_phases_to_ready(tmp_path: Path, run_folder: Path) -> None:
    """They come from the engine's lines, in order; ready comes from its health and a token."""
    async with hosted(tmp_path, "--log", str(LOGS / "gpu_start.log"), "--line-s", "0.01") as engine:
        engine.supervisor.start()
        engine.supervisor.start()
        assert engine.supervisor.status.phase == "starting"
        endpoint = await engine.supervisor.ready(WAIT_S)
        status = engine.supervisor.status
        assert engine.phases == [
            "starting",
            "loading_weights",
            "compiling",
            "allocating_kv",
            "capturing_graphs",
            "warming",
            "ready",
        ]
        assert (status.version, status.memory.kv_tokens) == ("0.33.0", 229_376)
        assert status.ready_at
        assert endpoint.socket.parent == run_folder / "gptoss_lab"
        assert not any(endpoint.key in line for line in engine.supervisor.logs())
        await engine.supervisor.stop()
        assert engine.phases[-2:] == ["draining", "stopped"]
        assert "drained" in engine.supervisor.logs()
        assert list((run_folder / "gptoss_lab").iterdir()) == []
    assert children() == []


async def test_the_second_start_knows_how_far_it_is(tmp_path: Path) -> None:
    """The first one has no percentage, the second one's grows and never goes back."""
    async with hosted(tmp_path, "--log", str(LOGS / "gpu_start.log"), "--line-s", "0.01") as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        assert all(status.progress is None or status.progress.percent is None for status in engine.said)
        await engine.supervisor.stop()
        engine.said.clear()
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        percents = [
            status.progress.percent
            for status in engine.said
            if status.progress and status.progress.percent is not None
        ]
        assert percents == sorted(percents)
        assert percents[-1] > percents[0]


async def test_requests_make_it_busy(tmp_path: Path) -> None:
    """As long as one of them lasts."""
    async with hosted(tmp_path) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        engine.said.clear()
        with engine.supervisor.using():
            with engine.supervisor.using():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.01)
            assert engine.phases == ["busy"]
            assert engine.supervisor.endpoint is not None
        await asyncio.sleep(0.01)
        assert engine.phases == ["busy", "ready"]


async def test_it_stops_when_it_is_idle(tmp_path: Path) -> None:
    """But not while a request is with it."""
    async with hosted(tmp_path, idle_stop_s=0.2) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        with engine.supervisor.using():
            await asyncio.sleep(0.5)
            assert engine.supervisor.status.phase == "busy"
        await engine.until(lambda status: status.phase == "stopped")
        assert engine.supervisor.status.failure is None
        with pytest.raises(EngineNotReadyError, match="not started"):
            await engine.supervisor.ready(1)


async def test_it_sleeps_when_it_is_idle_and_may(tmp_path: Path) -> None:
    """And wakes for the next request."""
    async with hosted(tmp_path, idle_stop_s=0.2, sleep=True) as engine:
        engine.supervisor.start()
        first = await engine.supervisor.ready(WAIT_S)
        await engine.until(lambda status: status.phase == "sleeping")
        assert engine.supervisor.endpoint is None
        assert await engine.supervisor.ready(WAIT_S) == first
        assert [line for line in engine.supervisor.logs() if "asked" in line][:2] == [
            "asked POST /sleep",
            "asked POST /wake_up",
        ]
    async with hosted(tmp_path, "--no-sleep", idle_stop_s=0.2, sleep=True) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        await engine.until(lambda status: status.phase == "stopped")


async def test_a_stop_kills_what_does_not_drain(tmp_path: Path) -> None:
    """When its time is over; a child that got away goes with it."""
    child = tmp_path / "child"
    async with hosted(tmp_path, "--ignore-term", "--child", str(child)) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        await pid_in(child)
        await engine.supervisor.stop()
        assert engine.supervisor.status.phase == "stopped"
        assert not psutil.pid_exists(await pid_in(child))
    assert children() == []


async def test_a_start_that_meets_a_stop_comes_after_it(tmp_path: Path) -> None:
    """Nobody has to wait for the end of the stop to ask for it."""
    async with hosted(tmp_path, "--drain", "0.5") as engine:
        engine.supervisor.start()
        first = await engine.supervisor.ready(WAIT_S)
        stop = asyncio.create_task(engine.supervisor.stop())
        await engine.until(lambda status: status.phase == "draining")
        engine.supervisor.start()
        second = await engine.supervisor.ready(WAIT_S)
        await stop
        assert first.socket != second.socket
        assert engine.supervisor.status.phase == "ready"


@pytest.mark.parametrize("pause_s", [0.0, 0.01, 0.1, 0.3, 0.6])
async def test_a_close_leaves_nothing_at_any_phase(tmp_path: Path, run_folder: Path, pause_s: float) -> None:
    """No process, no task, no descriptor, no socket."""
    tasks, files = asyncio.all_tasks(), open_files()
    async with hosted(tmp_path, "--log", str(LOGS / "gpu_start.log"), "--line-s", "0.02") as engine:
        engine.supervisor.start()
        await asyncio.sleep(pause_s)
    assert children() == []
    assert asyncio.all_tasks() == tasks
    assert open_files() <= files + 1  # the executor's or the child watcher's own
    assert sockets(run_folder) == []
    with pytest.raises(EngineNotReadyError):
        engine.supervisor.start()


async def test_two_engines_of_one_folder_do_not_meet(tmp_path: Path) -> None:
    """Each has its socket; one that is stopped takes nothing from the other."""
    async with hosted(tmp_path) as one, hosted(tmp_path) as two:
        one.supervisor.start()
        two.supervisor.start()
        first, second = await one.supervisor.ready(WAIT_S), await two.supervisor.ready(WAIT_S)
        assert first.socket != second.socket
        await one.supervisor.stop()
        assert await two.supervisor.suspect()


async def test_metrics_are_there_while_it_serves(tmp_path: Path) -> None:
    """And empty before and after."""
    async with hosted(tmp_path) as engine:
        assert not await engine.supervisor.metrics()
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        assert "vllm:generation_tokens_total" in await engine.supervisor.metrics()
        await engine.until(lambda status: status.memory.resident_bytes is not None)
        await engine.supervisor.stop()
        assert not await engine.supervisor.metrics()
