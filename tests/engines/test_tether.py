"""The tether, with real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from gptoss_lab.engines import tether
from tests.fakes.engines import FAKE

WAIT_S = 20.0
PROMISED_S = 5.0
# A server that starts an engine as ours does, and then does nothing more.
OWNER = """
import subprocess, sys, time
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
print(child.pid, flush=True)
time.sleep(1000)
"""


def command(folder: Path, *args: str, patience_s: float = 10.0) -> list[str]:
    """Return the command line of a tethered fake."""
    socket = str(folder / "e.sock")
    return [
        *(sys.executable, "-I", "-S", tether.__file__, "--patience", str(patience_s), "--socket", socket),
        *("--", sys.executable, str(FAKE), "--uds", socket, *args),
    ]


def until(holds: Callable[[], bool], within_s: float = WAIT_S) -> float:
    """Wait until something holds, and return how long it took."""
    began_s = time.monotonic()
    while not holds():
        assert time.monotonic() - began_s < within_s
        time.sleep(0.02)
    return time.monotonic() - began_s


def below(pid: int) -> list[psutil.Process]:
    """Return a process and all that came of it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def alive(processes: list[psutil.Process]) -> bool:
    """Say whether any of them still runs."""
    return any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@contextmanager
def tethered(folder: Path, *args: str, patience_s: float = 10.0) -> Iterator[subprocess.Popen[str]]:
    """Run a tethered fake until it serves, and end it for sure."""
    argv = command(folder, *args, patience_s=patience_s)
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        process.communicate(timeout=WAIT_S)


@pytest.mark.parametrize(("args", "status"), [(("--exit", "0"), 0), (("--exit", "7"), 7), (("--kill",), -9)])
def test_the_status_is_passed_on(tmp_path: Path, args: tuple[str, ...], status: int) -> None:
    """Also that of a signal, as the same signal."""
    with tethered(tmp_path, *args) as process:
        assert process.wait(WAIT_S) == status


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """In a line that the launcher understands."""
    argv = [*command(tmp_path)[: command(tmp_path).index("--") + 1], str(tmp_path / "python")]
    done = subprocess.run(argv, stdin=subprocess.PIPE, capture_output=True, text=True, check=False)
    assert done.returncode == tether.NOT_STARTED
    assert f"tether: cannot start {tmp_path / 'python'}: No such file" in done.stderr


def test_a_killed_owner_leaves_nothing(tmp_path: Path) -> None:
    """Not the engine that ignores signals, not the child that made its own session."""
    child = tmp_path / "child"
    argv = command(tmp_path, "--ignore-term", "--child", str(child), patience_s=60.0)
    owner = subprocess.Popen([sys.executable, "-c", OWNER, *argv], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    until(child.exists)
    until(lambda: child.read_text("ascii") != "")
    until((tmp_path / "e.sock").exists)
    processes = below(pid)
    assert int(child.read_text("ascii")) in {process.pid for process in processes}
    owner.kill()
    owner.communicate()
    took_s = until(lambda: not alive(processes), PROMISED_S)
    assert took_s < PROMISED_S
    until(lambda: not (tmp_path / "e.sock").exists())


def test_a_stop_lets_the_engine_drain(tmp_path: Path) -> None:
    """It gets SIGTERM, and its time."""
    with tethered(tmp_path, "--drain", "0.5") as process:
        until((tmp_path / "e.sock").exists)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0
        assert output.endswith("draining\ndrained\n")


def test_a_stop_ends_at_last(tmp_path: Path) -> None:
    """What does not drain in its time is killed, with all that it left behind."""
    child = tmp_path / "child"
    with tethered(tmp_path, "--ignore-term", "--child", str(child), patience_s=0.5) as process:
        until((tmp_path / "e.sock").exists)
        processes = below(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == -signal.SIGKILL
        assert not alive([*processes, *(p for p in psutil.process_iter() if str(p.pid) == child.read_text())])


def test_an_engine_does_not_outlive_its_tether(tmp_path: Path) -> None:
    """Linux kills it when the tether is killed."""
    with tethered(tmp_path) as process:
        until((tmp_path / "e.sock").exists)
        processes = below(process.pid)
        assert alive(processes)
        process.kill()
        until(lambda: not alive(processes), PROMISED_S)
        assert not alive(processes)


def test_the_engine_goes_first_where_memory_runs_out(tmp_path: Path) -> None:
    """The server and its notebooks stay."""
    with tethered(tmp_path) as process:
        until((tmp_path / "e.sock").exists)
        engine = below(process.pid)[1]
        assert Path(f"/proc/{engine.pid}/oom_score_adj").read_text("ascii").strip() == tether.OOM_SCORE
        assert Path(f"/proc/{process.pid}/oom_score_adj").read_text("ascii").strip() != tether.OOM_SCORE
        process.send_signal(signal.SIGTERM)
