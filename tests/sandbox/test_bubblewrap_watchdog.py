"""The watchdog on real processes that are no sandbox."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from gptoss_lab.sandbox.bubblewrap_watchdog import (
    Watchdog,
    children,
    high_water_bytes,
    pss_bytes,
    read_process,
)
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.execution import Limits

# A parent that stands for bwrap: it starts one child with the code given and ends with its status.
PARENT = """\
import subprocess, sys
run = subprocess.run([sys.executable, "-c", sys.argv[1]])
sys.exit(run.returncode % 256)
"""
Watched = tuple[Watchdog, "queue.Queue[int]"]
Start = Callable[[str, Limits], Watched]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a parent with a child and watch it; end both."""
    started: list[tuple[subprocess.Popen[bytes], Watchdog]] = []

    def launch(code: str, limits: Limits) -> Watched:
        process = subprocess.Popen([sys.executable, "-c", PARENT, code])
        codes: queue.Queue[int] = queue.Queue()
        watchdog = Watchdog(process, limits, codes.put)
        watchdog.start()
        started.append((process, watchdog))
        return watchdog, codes

    yield launch
    for process, watchdog in started:
        watchdog.kill()
        process.wait()
        watchdog.join(5)


def test_tells_the_exit_status(start: Start) -> None:
    """The end is told once, with the status."""
    _, codes = start("raise SystemExit(3)", Limits())
    assert codes.get(timeout=10) == 3


def test_kills_above_the_memory_limit_and_says_why(start: Start) -> None:
    """A child that grows past the limit dies with a verdict, and the peak is near the limit."""
    code = "x = []\nwhile True: x.append(b'x' * (1 << 20))"
    watchdog, codes = start(code, Limits(memory_bytes=128 << 20))
    codes.get(timeout=20)
    assert watchdog.verdict is not None
    assert watchdog.verdict.oom
    assert (watchdog.usage().peak_memory_bytes or 0) >= 128 << 20


def test_counts_no_files_of_this_machine(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that has not changed its root yet is not blamed for this machine's files."""
    monkeypatch.setattr("gptoss_lab.sandbox.bubblewrap_watchdog.MAX_FILES", 0)
    watchdog, codes = start("import time; time.sleep(0.3)", Limits())
    assert codes.get(timeout=10) == 0
    assert watchdog.verdict is None


def test_counts_shared_memory_once(start: Start) -> None:
    """Many forks of a big process, and their quick end, are not taken for too much memory."""
    code = (
        "import os, signal, time\n"
        "x = bytearray(b'1') * (60 << 20)\n"
        "for _ in range(3):\n"
        "    pids = []\n"
        "    for _ in range(40):\n"
        "        pid = os.fork()\n"
        "        if pid == 0: time.sleep(30)\n"
        "        pids.append(pid)\n"
        "    time.sleep(0.2)\n"
        "    for pid in pids: os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)\n"
    )
    watchdog, codes = start(code, Limits(memory_bytes=256 << 20))
    assert codes.get(timeout=30) == 0
    assert watchdog.verdict is None


def test_kills_above_the_thread_limit(start: Start) -> None:
    """Too many threads end it with a reason that is not memory."""
    code = (
        "import threading, time\nfor _ in range(30): threading.Thread(target=time.sleep, args=(30,)).start()"
    )
    watchdog, codes = start(code, Limits(pids=8))
    codes.get(timeout=20)
    assert watchdog.verdict is not None
    assert not watchdog.verdict.oom
    assert "processes" in watchdog.verdict.reason


def test_keeps_the_first_verdict(start: Start) -> None:
    """A kill that follows another does not change why it ended."""
    watchdog, codes = start("import time; time.sleep(30)", Limits())
    while not children(watchdog._process.pid):
        time.sleep(0.01)
    watchdog.kill(Exit(137, reason="first"))
    watchdog.kill(Exit(137, reason="second"))
    codes.get(timeout=10)
    assert watchdog.verdict == Exit(137, reason="first")


def test_ends_a_parent_that_outlives_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the parent does not end by itself it is killed after a while."""
    monkeypatch.setattr("gptoss_lab.sandbox.bubblewrap_watchdog.KILL_PATIENCE_S", 0.2)
    process = subprocess.Popen([
        sys.executable,
        "-c",
        "import subprocess, time; subprocess.run(['true']); time.sleep(30)",
    ])
    codes: queue.Queue[int] = queue.Queue()
    watchdog = Watchdog(process, Limits(), codes.put)
    watchdog.start()
    watchdog.kill()
    assert codes.get(timeout=10) == 128 + signal.SIGKILL
    watchdog.join(5)


def test_reads_processes_and_survives_their_end() -> None:
    """Figures of a living process are positive; those of one that ended are nothing."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    deadline = time.monotonic() + 10
    while high_water_bytes(process.pid) < 1 << 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    found = read_process(process.pid)
    assert found is not None
    assert found.threads == 1
    assert found.rss_bytes > 1 << 20
    assert 0 < pss_bytes(process.pid, 0) <= high_water_bytes(process.pid)
    process.kill()
    process.wait()
    assert read_process(process.pid) is None
    assert children(process.pid) == []
    assert pss_bytes(process.pid, 7) == 0
