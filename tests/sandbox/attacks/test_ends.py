"""Attacks on the end of a sandbox: by what is killed, and by code that does not want to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import time
from pathlib import Path

import pytest

from gptoss_lab.errors import ImageMissingError, SandboxError
from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox import docker_sandbox
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.sandbox.docker_sandbox import SANDBOX_LABEL
from gptoss_lab.sandbox.reaper import own_lease
from gptoss_lab.sandbox.runtime import LaunchSpec
from gptoss_lab.schemas.config import SandboxConfig
from tests.sandbox.attacks.cells import Cells, cells, text_of
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.dockerd import OwnDockerd
from tests.sandbox.attacks.owner import owner
from tests.sandbox.attacks.target import GONE_WITHIN_S, Target, target
from tests.sandbox.conformance import LIMITS, until

pytestmark = pytest.mark.timeout(300)

# What code does that wants to outlive the server that started it.
STUBBORN = {
    "sleeps": "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True).poll()",
    "ignores_signals": (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    for signum in range(1, 65):\n"
        "        try: signal.signal(signum, signal.SIG_IGN)\n"
        "        except (OSError, ValueError): pass\n"
        "    while True: time.sleep(1)"
    ),
    "stops_its_guards": (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    time.sleep(0.5)\n"
        "    for name in filter(str.isdigit, os.listdir('/proc')):\n"
        "        if int(name) != os.getpid():\n"
        "            try: os.kill(int(name), signal.SIGSTOP)\n"
        "            except OSError: pass\n"
        "    while True: time.sleep(1)"
    ),
    "holds_the_switch": (
        "import os\n"
        "held = []\n"
        "for name in filter(str.isdigit, os.listdir('/proc')):\n"
        "    for fd in range(256):\n"
        "        for mode in (os.O_WRONLY, os.O_RDWR):\n"
        "            try: held.append(os.open(f'/proc/{name}/fd/{fd}', mode | os.O_NONBLOCK))\n"
        "            except OSError: pass"
    ),
}
STUBBORN_R = "system('setsid sleep 600 >/dev/null 2>&1 </dev/null &')"


async def assert_gone_with_its_server(runtime: str, language: str, code: str) -> None:
    """Kill a server; check that nothing of its sandbox is left in time."""
    async with owner(runtime, language, code) as made:
        await asyncio.sleep(1.5)  # some attacks begin after their cell has ended
        assert not made.outside.gone
        await made.kill()
        await until(lambda: made.outside.gone, GONE_WITHIN_S)
        if runtime == "docker":
            label = f"{SANDBOX_LABEL}={made.sandbox_id}"
            await until(lambda: not Daemon().ours(label), GONE_WITHIN_S)


@pytest.mark.parametrize("how", STUBBORN)
async def test_25_kill_of_the_server(python_place: Place, how: str) -> None:
    """After `kill -9` of the server nothing of its sandbox is left, whatever the code in it does."""
    await assert_gone_with_its_server(*python_place, STUBBORN[how])


async def test_26_kill_of_the_relay(python_place: Place) -> None:
    """When the process that carries the connections is killed, the sandbox ends, and the next one works."""
    async with target(*python_place) as made:
        relay = [pid for pid in made.outside.pids() if b"DIAL_TIMEOUT_S" in command(pid)]
        kernels = [pid for pid in made.outside.pids() if b"b64decode" in command(pid)]
        assert relay
        assert kernels
        os.kill(max(set(relay) - {made.outside.init}), signal.SIGKILL)
        ended = await made.ended(30)
        assert ended.code != 0
        assert ended.reason or ended.code == 128 + signal.SIGKILL
        await until(lambda: made.outside.gone, GONE_WITHIN_S)
        await made.manager.restart_kernel(now=True)
        await made.client.wait_for_ready(timeout=60)
        await made.find()
        await made.lives()


async def test_26_kill_of_the_relay_under_a_cell(python_jail: Cells) -> None:
    """The cell that runs ends with a clear status, not with a timeout, and the next run works."""

    async def kill_it() -> None:
        await until(lambda: python_jail.outside is not None, 60)
        await asyncio.sleep(0.5)
        outside = python_jail.outside
        assert outside is not None
        relay = {pid for pid in outside.pids() if b"DIAL_TIMEOUT_S" in command(pid)} - {outside.init}
        os.kill(max(relay), signal.SIGKILL)

    killing = asyncio.ensure_future(kill_it())
    cell, after = await python_jail.run("import time; time.sleep(60)", "2")
    await killing
    assert (cell.status, after.status) in {("sandbox_lost", "skipped"), ("died", "skipped")}
    assert cell.error
    (again,) = await python_jail.run("print(6 * 7)")
    assert text_of(again) == "42\n"


@pytest.mark.parametrize("how", ["restart", "kill"])
@pytest.mark.docker
# The docker package leaves the socket of a refused connection to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket", "ignore:Exception ignored in. <socket")
async def test_26_dockerd_ends(own_dockerd: OwnDockerd, how: str) -> None:
    """When the daemon ends mid-run the cell ends as lost, nothing is left behind, and the next run works."""
    async with cells("docker", "python", docker_host=own_dockerd.host) as jail:

        async def end_it() -> None:
            await until(lambda: jail.outside is not None, 60)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(own_dockerd.end, kill=how == "kill")

        ending = asyncio.ensure_future(end_it())
        jail.leaves_at_once = how == "restart"  # a killed daemon ends its containers when it is back
        cell, after = await jail.run("import time; time.sleep(60)", "2", cell_timeout_s=50)
        assert (cell.status, after.status) == ("sandbox_lost", "skipped"), cell.error
        assert "daemon" in cell.error or "connection" in cell.error
        await ending
        await asyncio.to_thread(own_dockerd.start)
        lost = jail.outside
        await until(lambda: lost is not None and lost.gone, 10)
        jail.leaves_at_once = True
        (again,) = await jail.run("print(6 * 7)")
        assert text_of(again) == "42\n"
        await assert_reaped(jail, Daemon(own_dockerd.host))


async def assert_reaped(jail: Cells, daemon: Daemon) -> None:
    """Look for leftovers as the server does from time to time; soon there must be none.

    A daemon that was killed has to let go of what it had mounted first, on a busy machine for long.
    """
    left = {"": ""}
    for _ in range(40):
        await jail.service.reap()
        left = await asyncio.to_thread(daemon.states)
        if not left:
            break
        await asyncio.sleep(1)
    assert left == {}, "these are left, in these states; the log says what the daemon answered"


@pytest.mark.docker
@pytest.mark.filterwarnings("ignore:unclosed <socket", "ignore:Exception ignored in. <socket")  # as above
async def test_26_dockerd_stays_away(own_dockerd: OwnDockerd, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that is killed and does not come back leaves no sandbox running either."""
    monkeypatch.setattr(docker_sandbox, "PULSE_EVERY_S", 0.5)
    monkeypatch.setattr(docker_sandbox, "PULSE_LIMIT_S", 3.0)
    async with cells("docker", "python", docker_host=own_dockerd.host) as jail:

        async def end_it() -> None:
            await until(lambda: jail.outside is not None, 60)
            await asyncio.to_thread(own_dockerd.end, kill=True)

        ending = asyncio.ensure_future(end_it())
        jail.leaves_at_once = False
        (cell,) = await jail.run("import time; time.sleep(60)", cell_timeout_s=50)
        assert cell.status == "sandbox_lost", cell.error
        await ending
        lost = jail.outside
        await until(lambda: lost is not None and lost.gone, 30)
    await asyncio.to_thread(own_dockerd.start)


async def test_29_many_at_once(python_place: Place) -> None:
    """Twenty sandboxes in parallel all work, and leave no descriptor, task, socket, process or container."""

    async def one(number: int) -> str:
        made = Target(*python_place, LIMITS.model_copy(update={"memory_bytes": 256 << 20}))
        try:
            await made.start()
            said = await made.out(f"print({number} ** 2)", 60)
        finally:
            await made.leaves_nothing()
        return said

    await one(0)
    sockets = set(run_dir().glob(f"{own_lease().owner[:8]}-*"))
    before = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())  # noqa: PTH208 - of this process
    said = await asyncio.gather(*(one(number) for number in range(20)))
    assert said == [str(number**2) for number in range(20)]
    await asyncio.sleep(0.2)
    after = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())  # noqa: PTH208 - as above
    assert (after[0] <= before[0], after[1] <= before[1]) == (True, True), (before, after)
    assert set(run_dir().glob(f"{own_lease().owner[:8]}-*")) <= sockets


async def test_31_an_image_that_is_not_there(python_place: Place) -> None:
    """A wrong image is a clear error; nothing is fetched, made or started for it."""
    runtime, _ = python_place
    began = time.time()
    (made,) = make_runtimes(SandboxConfig.model_validate({"runtime": runtime}))
    spec = LaunchSpec(
        sandbox_id=f"none-{secrets.token_hex(6)}",
        language="python",
        image_id=f"sha256:{'0' * 64}" if runtime == "docker" else "../../../etc",
        argv=["true"],
        connection_info={},
        limits=LIMITS,
    )
    try:
        with pytest.raises(ImageMissingError):
            await made.launch(spec)
    finally:
        await made.close()
    kernel = Target(runtime)
    with pytest.raises(SandboxError):
        await kernel.start(gptoss_image="sha256:" + "f" * 64)
    await kernel.stop()
    if runtime == "docker":
        assert await asyncio.to_thread(Daemon().ours, f"{SANDBOX_LABEL}={spec.sandbox_id}") == []
        assert await asyncio.to_thread(Daemon().events, began, type="image", event="pull") == []


def command(pid: int) -> bytes:
    """Return the words that a process was started with."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
