"""The program that starts a kernel, run here with small stand-ins for the kernel."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.sandbox.agent import boot_source
from gptoss_lab.sandbox.agent.boot import CONNECTION_FILE, DEAD_MAN_STATUS
from gptoss_lab.sandbox.agent.mux import READY
from gptoss_lab.sandbox.frames import signal_frame

Process = asyncio.subprocess.Process
Start = Callable[..., Awaitable[Process]]
INFO = {"key": "secret", "shell_port": 9001}
PING = "import sys, time; print('up', file=sys.stderr, flush=True); time.sleep(60)"


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start the program with a kernel that is a line of Python; nothing of it may be left."""
    started: list[Process] = []

    async def run(code: str, *, folder: Path = tmp_path, mode: str = "exec", **config: Any) -> Process:
        source = boot_source().replace(CONNECTION_FILE, str(folder / "connection.json"))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", "-c", source),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": str(folder / "home"), "PATH": os.environ["PATH"]},
            cwd=folder,
        )
        started.append(process)
        argv = [sys.executable, "-c", code, "{connection_file}"]
        line = json.dumps({"connection_info": INFO, "argv": argv, "mode": mode} | config)
        assert process.stdin is not None
        process.stdin.write(line.encode() + b"\n")
        return process

    yield run
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.communicate(), 5)


async def _line(process: Process) -> str:
    assert process.stderr is not None
    return (await asyncio.wait_for(process.stderr.readline(), 10)).decode().strip()


async def test_the_kernel_gets_its_private_file(start: Start, tmp_path: Path) -> None:
    """The connection file holds what was sent, for its owner only, and the argv names it."""
    code = "import sys; sys.stderr.write(open(sys.argv[1]).read() + '\\n'); sys.exit(7)"
    process = await start(code)
    assert json.loads(await _line(process)) == INFO
    assert await asyncio.wait_for(process.wait(), 5) == 7
    assert stat.S_IMODE((tmp_path / "connection.json").stat().st_mode) == 0o600
    assert (tmp_path / "home").is_dir()


async def test_an_existing_connection_file_is_not_followed(start: Start, tmp_path: Path) -> None:
    """A planted file or link in place of the connection file stops the start."""
    (tmp_path / "connection.json").symlink_to(tmp_path / "elsewhere")
    process = await start("pass")
    assert await asyncio.wait_for(process.wait(), 5) == 1
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", ["exec", "pipe"])
async def test_the_end_of_input_kills_the_kernel_and_its_children(start: Start, mode: str) -> None:
    """When the server dies, the kernel and what it started die with it."""
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(os.getpid(), child.pid, file=sys.stderr, flush=True)\n"
        "time.sleep(60)"
    )
    process = await start(code, mode=mode)
    pids = [int(word) for word in (await _line(process)).split()]
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 5) == DEAD_MAN_STATUS
    for pid in pids:
        await _gone(pid)


async def test_silence_kills_the_kernel(start: Start) -> None:
    """Where the input stays open and says nothing, whoever should speak is gone."""
    process = await start(PING, pulse_s=0.3)
    assert await _line(process) == "up"
    assert await asyncio.wait_for(process.wait(), 10) == DEAD_MAN_STATUS


async def test_a_pulse_keeps_the_kernel(start: Start) -> None:
    """Each byte gives it as long again; the last one's time runs out too."""
    process = await start("import time; time.sleep(60)", pulse_s=2.0)
    assert process.stdin is not None
    begun = asyncio.get_running_loop().time()
    for _ in range(30):
        process.stdin.write(b"\n")
        await asyncio.sleep(0.1)
        assert process.returncode is None
    assert await asyncio.wait_for(process.wait(), 10) == DEAD_MAN_STATUS
    assert asyncio.get_running_loop().time() - begun > 4.0


async def _gone(pid: int) -> None:
    for _ in range(100):
        try:
            state = (
                (await asyncio.to_thread(Path(f"/proc/{pid}/stat").read_text)).rpartition(")")[2].split()[0]
            )
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"process {pid} lives")


async def test_sigint_reaches_the_kernel_and_boot_lives(start: Start) -> None:
    """An interrupt raises KeyboardInterrupt in the kernel; its status is what boot returns."""
    code = (
        "import sys, time\n"
        "try:\n  print('up', file=sys.stderr, flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n  print('interrupted', file=sys.stderr, flush=True); sys.exit(3)"
    )
    process = await start(code)
    assert await _line(process) == "up"
    process.send_signal(signal.SIGINT)
    assert await _line(process) == "interrupted"
    assert await asyncio.wait_for(process.wait(), 5) == 3


async def test_sigterm_gives_a_signal_status(start: Start) -> None:
    """A kernel that a signal ended gives 128 + its number."""
    process = await start(PING)
    assert await _line(process) == "up"
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 128 + signal.SIGTERM


async def test_signals_arrive_as_frames_in_pipe_mode(start: Start) -> None:
    """Where signals cannot be delivered, a control frame does it."""
    process = await start(PING, mode="pipe")
    assert await _line(process) == "up"
    assert process.stdin is not None
    process.stdin.write(signal_frame(signal.SIGTERM))
    assert await asyncio.wait_for(process.wait(), 5) == 128 + signal.SIGTERM


async def test_kernel_prints_stay_out_of_the_relay(start: Start) -> None:
    """In pipe mode standard output carries frames alone; the kernel's prints go to standard error."""
    process = await start("import sys; print('noise'); print(repr(sys.stdin.read()))", mode="pipe")
    assert process.stdout is not None
    assert process.stderr is not None
    assert await asyncio.wait_for(process.stdout.read(), 5) == READY
    assert (await process.stderr.read()).decode().split() == ["noise", "''"]


async def test_the_kernel_leads_its_own_group(start: Start) -> None:
    """The kernel is a group leader, so that an interrupt reaches its children too."""
    process = await start("import os, sys; print(os.getpid() == os.getpgid(0), file=sys.stderr)")
    assert await _line(process) == "True"


async def test_boot_cannot_be_traced(start: Start) -> None:
    """Another process of the same user may not look into the one that holds the relay."""
    process = await start(PING)
    assert await _line(process) == "up"
    owner = await asyncio.to_thread(lambda: Path(f"/proc/{process.pid}/mem").stat().st_uid)
    assert owner == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become someone else")
async def test_root_is_dropped_for_good(start: Start) -> None:
    """With uid and gid the kernel has neither root, root's groups nor a capability."""
    argv = ["/bin/sh", "-c", "grep -E '^(Uid|Gid|Groups|Cap)' /proc/self/status >&2"]
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, 65532, 65531)
        process = await start("", argv=argv, folder=Path(home), uid=65532, gid=65531)
        assert (await _line(process)).split() == ["Uid:", *["65532"] * 4]
        assert (await _line(process)).split() == ["Gid:", *["65531"] * 4]
        assert (await _line(process)).split() == ["Groups:"]
        held = [(await _line(process)).split() for _ in ("Inh", "Prm", "Eff", "Bnd", "Amb")]
        assert {int(bits, 16) for _, bits in held} == {0}
        await process.wait()


async def test_data_that_could_be_written_stops_the_start(start: Start, tmp_path: Path) -> None:
    """Where a place is not mounted read-only as was asked, no kernel starts; where it is, one does."""
    process = await start("open('ran', 'w')", read_only=[str(tmp_path)])
    assert await _line(process) == f"{tmp_path} is not mounted read-only"
    assert await asyncio.wait_for(process.wait(), 5) == 1
    assert not (tmp_path / "ran").exists()


async def test_no_config_means_no_start(tmp_path: Path) -> None:
    """If the server dies before it has sent the configuration, nothing starts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", boot_source(), stdin=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    await process.communicate(b'{"mode": ')
    assert process.returncode == DEAD_MAN_STATUS
