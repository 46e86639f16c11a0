"""The supervisor in bad times, with an engine that plays one."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from gptoss_lab.engines import life
from gptoss_lab.engines.launch import LineFact
from gptoss_lab.engines.oom import OomCount
from gptoss_lab.errors import EngineLoadError, EngineNotReadyError
from tests.fakes import engines
from tests.fakes.engines import HASTE, LOGS, WAIT_S, FakeLauncher, children, hosted, known, pid_in

SHORT = replace(HASTE, probe_s=0.3)  # where no token comes, or others do
pytestmark = pytest.mark.usefixtures("run_folder")


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
    async with hosted(tmp_path, patience=SHORT) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
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
    async with hosted(tmp_path, "--busy", patience=SHORT) as engine:
        engine.supervisor.start()
        await engine.supervisor.ready(WAIT_S)
        await engine.tell("hang")
        assert await engine.supervisor.suspect()
    async with hosted(tmp_path, patience=SHORT) as engine:
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


@pytest.mark.parametrize("wrong", ["long", "public"])
async def test_a_folder_that_is_no_place_for_sockets_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """Its path is too long, or others may enter it."""
    folder = tmp_path / ("x" * 100 if wrong == "long" else "gptoss_lab")
    await asyncio.to_thread(folder.mkdir, mode=0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder if wrong == "long" else tmp_path))
    async with hosted(tmp_path) as engine:
        engine.supervisor.start()
        with pytest.raises(EngineLoadError) as caught:
            await engine.supervisor.ready(WAIT_S)
        assert caught.value.reason == "port_or_socket"
        assert "XDG_RUNTIME_DIR" in caught.value.hint


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
