"""The supervisor, with an engine that plays one."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from gptoss_lab.engines import life
from gptoss_lab.engines.launch import LineFact
from gptoss_lab.engines.oom import OomCount
from gptoss_lab.errors import EngineLoadError, EngineNotReadyError
from tests.fakes import engines
from tests.fakes.engines import HASTE, LOGS, WAIT_S, FakeLauncher, Hosted, hosted


@pytest.fixture(autouse=True)
def run_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep sockets in a folder of the test whose path is short."""
    folder = Path(tempfile.mkdtemp(prefix="gl"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


def children() -> list[psutil.Process]:
    """Return the engines and tethers that this process started."""
    return [process for process in psutil.Process().children(recursive=True) if process.is_running()]


async def pid_in(path: Path) -> int:
    """Wait for the number that a child of the fake writes."""
    deadline_s = time.monotonic() + WAIT_S
    while time.monotonic() < deadline_s:
        text = await asyncio.to_thread(lambda: path.read_text("ascii") if path.exists() else "")
        if text:
            return int(text)
        await asyncio.sleep(0.01)
    raise AssertionError(f"no number in {path}")


def known(engine: Hosted) -> list[psutil.Process]:
    """Return what the supervisor has seen below the tether."""
    life = engine.supervisor._life
    return life._process._known if life and life._process else []


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


async def test_a_crash_is_answered_with_a_restart(tmp_path: Path) -> None:
    """The next request waits for it, and the failure says what the last words were."""
    async with hosted(tmp_path) as engine:
        engine.supervisor.start()
        first = await engine.supervisor.ready(WAIT_S)
        await engine.tell("crash")
        status = await engine.until(
            lambda status: status.phase == "restarting" and status.failure is not None
        )
        assert status.failure is not None
        assert (status.failure.code, status.failure.phase, status.restarts) == ("crashed", "ready", 1)
        assert "the fake crashed" in status.failure.message
        second = await engine.supervisor.ready(WAIT_S)
        assert first.socket != second.socket
        assert engine.supervisor.status.failure is None


async def test_restarts_in_a_row_end(tmp_path: Path) -> None:
    """After as many failures as there are pauses it is given up, and a person can start it again."""
    late = tmp_path / "late"
    async with hosted(tmp_path, "--late", str(late), "--exit", "1") as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        late.touch()
        await engine.tell("crash")
        status = await engine.until(lambda status: status.phase == "failed")
        assert status.restarts == len(HASTE.backoff_s)
        assert status.failure is not None
        assert "3 times in a row" in status.failure.message
        with pytest.raises(EngineLoadError):
            await engine.supervisor.ready(WAIT_S)
        late.unlink()
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--log", str(LOGS / "corrupt_weights.log"), "--exit", "1"), "corrupt_weights"),
        (("--log", str(LOGS / "bad_flag.log"), "--exit", "2"), "bad_flag"),
        (("--kill",), "oom_host"),
        (("--exit", "3"), "crashed"),
        (("--refuse",), "crashed"),
        (("--garbage", str(4 << 20), "--exit", "1"), "crashed"),
    ],
)
async def test_a_start_that_fails_is_not_repeated(tmp_path: Path, args: tuple[str, ...], code: str) -> None:
    """It says why, with a hint and the last lines."""
    async with hosted(tmp_path, *args) as engine:
        engine.supervisor.start()
        with pytest.raises(EngineLoadError) as caught:
            await engine.supervisor.ready(WAIT_S)
        failure = engine.supervisor.status.failure
        assert failure is not None
        assert (caught.value.reason, failure.code) == (code, code)
        assert failure.hint
        assert engine.supervisor.status.restarts == 0
        assert all(len(line) <= 1000 for line in failure.log_tail)


async def test_a_start_has_its_time(tmp_path: Path) -> None:
    """An engine that never serves is ended, with all it left behind."""
    child = tmp_path / "child"
    async with hosted(
        tmp_path, "--silent", "--ignore-term", "--child", str(child), start_timeout_s=1.5
    ) as engine:
        engine.supervisor.start()
        status = await engine.until(lambda status: status.phase == "failed")
        assert status.failure is not None
        assert status.failure.code == "timeout"
        assert not psutil.pid_exists(await pid_in(child))
    assert children() == []


async def test_an_engine_that_gives_no_tokens_is_hung(tmp_path: Path) -> None:
    """Its health says well; the look at a suspected one finds out, and it is started again."""
    async with hosted(tmp_path) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        assert await engine.supervisor.suspect()
        await engine.tell("hang")
        one, two = await asyncio.gather(engine.supervisor.suspect(), engine.supervisor.suspect())
        assert not one
        assert not two
        status = await engine.until(lambda status: status.failure is not None)
        assert status.failure is not None
        assert status.failure.code == "hung"
        await engine.supervisor.ready(WAIT_S)
        assert engine.supervisor.status.restarts == 1


async def test_an_engine_that_is_only_slow_is_left_alone(tmp_path: Path) -> None:
    """Its metrics show tokens, or a request does."""
    async with hosted(tmp_path, "--busy") as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        await engine.tell("hang")
        assert await engine.supervisor.suspect()
    async with hosted(tmp_path) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        await engine.tell("hang")
        with engine.supervisor.using() as beat:
            look = asyncio.create_task(engine.supervisor.suspect())
            while not look.done():
                beat()
                await asyncio.sleep(0.01)
            assert look.result()


async def test_an_engine_that_says_it_is_dead_is_replaced(tmp_path: Path) -> None:
    """The watch sees it without anybody asking."""
    async with hosted(tmp_path, patience=HASTE) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        await engine.tell("sick")
        await engine.until(lambda status: status.phase == "restarting")
        with contextlib.suppress(EngineNotReadyError):
            await engine.supervisor.ready(0)
        assert engine.supervisor.endpoint is None


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


async def test_nothing_outlives_a_killed_tether(tmp_path: Path) -> None:
    """What had been seen below it is killed, and the engine is started again."""
    child = tmp_path / "child"
    async with hosted(tmp_path, "--child", str(child)) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        first = psutil.Process(await pid_in(child))
        await engine.until(lambda _: first in known(engine))
        psutil.Process().children()[0].kill()
        await engine.until(lambda status: status.restarts == 1)
        assert not first.is_running() or first.status() == psutil.STATUS_ZOMBIE
        await engine.supervisor.ready(WAIT_S)


class Stumbling(FakeLauncher):
    """Cannot read a line."""

    def read_line(self, line: str) -> LineFact | None:
        raise LookupError(line)


async def test_a_fault_of_ours_ends_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown as one, and told to the loop; an engine that nobody reads is not left standing."""
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    monkeypatch.setattr(engines, "FakeLauncher", Stumbling)
    async with hosted(tmp_path, "--log", str(LOGS / "gpu_start.log")) as engine:
        engine.supervisor.start()
        with pytest.raises(EngineLoadError, match="fault of its own: LookupError"):
            await engine.supervisor.ready(WAIT_S)
        assert children() == []
    assert [context["message"] for context in told] == ["The engine's supervisor failed"]


async def test_want_of_memory_is_told_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a part of the engine was killed, the engine's own words are only that it is dead."""
    count = tmp_path / "vmstat"
    count.write_text("oom_kill 1\n", "ascii")
    monkeypatch.setattr(life, "OomCount", lambda: OomCount(count))
    async with hosted(tmp_path, patience=replace(HASTE, watch_s=60)) as engine:
        engine.supervisor.start()
        await engine.until(lambda status: status.memory.resident_bytes is not None)
        count.write_text("oom_kill 2\n", "ascii")
        await engine.tell("crash")
        status = await engine.until(lambda status: status.failure is not None)
        assert status.failure is not None
        assert status.failure.code == "oom_host"


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
