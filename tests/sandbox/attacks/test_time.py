"""Attacks with time: code that does not end, does not listen, or ends before anybody looks."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from typing import Any

import pytest
from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager
from traitlets.config import Config

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.sandbox.docker_sandbox import SANDBOX_LABEL
from gptoss_lab.sandbox.relay import inner_ports
from gptoss_lab.sandbox.runtime import LaunchSpec
from gptoss_lab.schemas.config import SandboxConfig
from tests.sandbox.attacks.cells import Cells, text_of
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.outside import stat_fields
from tests.sandbox.attacks.target import Target, target
from tests.sandbox.conformance import LIMITS, until

pytestmark = pytest.mark.timeout(300)

BUSY = {"python": "kept = 1\nwhile True: pass", "r": "kept <- 1; repeat {}"}
STILL = {"python": "print(kept)", "r": "cat(kept)"}
DEAF = {
    "python": "import signal, time\nsignal.signal(signal.SIGINT, lambda *_: None)\nwhile True: time.sleep(1)",
    "r": "repeat tryCatch(Sys.sleep(60), interrupt = function(i) NULL)",
}
IGNORES = {
    "python": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "r": "repeat try(withCallingHandlers(repeat {}, interrupt = function(i) stop('no')), silent = TRUE)",
}
STOPS_ITSELF = {
    "python": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "r": "tools::pskill(Sys.getpid(), 19)",
}
LEAVES = {
    "python": "import os; os._exit(7)",
    "r": "tools::pskill(Sys.getpid(), 15)",
}
KILLS_ITSELF = {"python": "import os; os.kill(os.getpid(), 9)", "r": "tools::pskill(Sys.getpid(), 9)"}
HOG = (
    "import os, time\n"
    "for _ in range(5):\n"
    "    if os.fork() == 0:\n"
    "        while True: pass\n"
    "end = time.monotonic() + 60\n"
    "while time.monotonic() < end: pass"
)


async def test_15_busy_loop(jail: Cells) -> None:
    """It is stopped at its time by an interrupt, and the kernel still knows what it knew."""
    busy, after = await jail.run(BUSY[jail.language], STILL[jail.language], cell_timeout_s=2)
    assert (busy.status, after.status) == ("timeout", "ok")
    assert text_of(after).strip() == "1"
    assert busy.duration_s < 8


@pytest.mark.parametrize("how", ["deaf", "ignores", "stops_itself"])
async def test_16_no_interrupt_helps(jail: Cells, how: str) -> None:
    """Code that swallows, ignores or sleeps through the interrupt is killed, with its state."""
    code = {"deaf": DEAF, "ignores": IGNORES, "stops_itself": STOPS_ITSELF}[how][jail.language]
    stubborn, after = await jail.run(code, STILL[jail.language], cell_timeout_s=1.5)
    assert (stubborn.status, after.status) == ("timeout", "skipped")
    assert stubborn.duration_s < 10


@pytest.mark.parametrize("how", ["leaves", "kills_itself"])
async def test_18_the_kernel_ends_itself(jail: Cells, how: str) -> None:
    """It is told as `died`, at once, and not as a timeout."""
    code = {"leaves": LEAVES, "kills_itself": KILLS_ITSELF}[how][jail.language]
    died, after = await jail.run(code, STILL[jail.language])
    assert (died.status, after.status) == ("died", "skipped")
    assert died.duration_s < 10


async def test_18_restarts_are_limited(python_place: Place) -> None:
    """A kernel that always ends is started again a few times, one sandbox at a time, then no more."""
    runtime, _ = python_place
    section = {"runtime": runtime, "limits": LIMITS.model_dump()}
    config = Config({"GptossLabApp": {"sandbox": section}})
    config.AsyncIOLoopKernelRestarter.restart_limit = 2
    config.AsyncIOLoopKernelRestarter.time_to_dead = 0.3
    manager = AsyncIOLoopKernelManager(kernel_name="gptoss-python", config=config)
    dead = asyncio.Event()
    await manager.start_kernel()
    manager.add_restart_callback(dead.set, "dead")
    label = f"{SANDBOX_LABEL}={manager.kernel_id}"
    try:
        starts = await end_at_every_start(manager, dead, label)
        assert starts <= 4
    finally:
        await manager.shutdown_kernel(now=True)
    if runtime == "docker":
        await until(lambda: not Daemon().ours(label), 5)


async def end_at_every_start(manager: Any, dead: asyncio.Event, label: str) -> int:
    """End each sandbox of a kernel until it is given up; return how many there were, one at a time."""
    starts = 0
    while not dead.is_set() and starts < 10:
        kernel = manager.provisioner._kernel
        if kernel is not None and kernel.exit is None:
            starts += 1
            if manager.provisioner.runtime_name == "docker":
                assert len(await asyncio.to_thread(Daemon().ours, label)) <= 1
            await kernel.sandbox.kill()  # as code does that runs at every start
        await asyncio.sleep(0.1)
    assert dead.is_set()
    return starts


async def test_32_processor_hog(python_place: Place) -> None:
    """Six loops in half a processor's share take half a processor, and the control group held them back."""
    async with target(*python_place, cpus=0.5) as made:
        if made.outside.group("cpu") is None:
            pytest.skip(
                "this machine gives bubblewrap no control group; a whole processor is the least it can give"
            )
        made.send(HOG)
        await until(lambda: made.outside.tasks() > 6, 15)
        used, began = cpu_s(made), time.monotonic()
        await asyncio.sleep(3)
        share = (cpu_s(made) - used) / (time.monotonic() - began)
        assert share < 0.6
        assert quota(made) == 0.5
        if share > 0.45:  # on a busy machine others take what the quota would have refused
            assert made.outside.count("cpu", "cpu.stat", "nr_throttled") > 0
        await made.leaves_nothing()


async def test_33_idle_and_old_sandboxes_end(python_place: Place) -> None:
    """One that nobody uses, and one that is used beyond its age, are ended, and it is said why."""
    async with target(*python_place, idle_s=2.0) as idle, target(*python_place, ttl_s=8.0) as busy:
        busy.send("import time\nwhile True: time.sleep(0.1)")
        endings = await asyncio.gather(ended_from_outside(idle), ended_from_outside(busy))
        assert list(endings) == ["it was idle for 2 seconds", "it was older than 8 seconds"]


@pytest.mark.parametrize("delay_s", [0, 0.03, 0.1, 0.3])
async def test_34_an_exit_before_anybody_looks(python_place: Place, delay_s: float) -> None:
    """A kernel that ends at once, or while the relay is attached, is a failed start and leaves nothing."""
    runtime, _ = python_place
    (made,) = make_runtimes(SandboxConfig.model_validate({"runtime": runtime}))
    image = await made.find_image("python")
    assert image is not None
    spec = LaunchSpec(
        sandbox_id=f"fast-{uuid.uuid4().hex[:12]}",
        language="python",
        image_id=image.id,
        argv=["/bin/sh", "-c", f"sleep {delay_s}; exit 3"],
        connection_info={"transport": "tcp", "ip": "127.0.0.1", **inner_ports(), "key": "x"},
        limits=LIMITS,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp/home"},  # noqa: S108 - of the sandbox
    )
    try:
        sandbox = await asyncio.wait_for(made.launch(spec), 30)
    except SandboxError as error:
        said = error.message
    else:
        said = "did not start"
        assert (await asyncio.wait_for(sandbox.wait(), 20)).code == 3
        await sandbox.close()
    assert "did not start" in said
    if runtime == "docker":
        await until(lambda: not Daemon().ours(f"{SANDBOX_LABEL}={spec.sandbox_id}"), 5)
    await made.close()


def cpu_s(made: Target) -> float:
    """Return the processor time of a sandbox, as this machine counts it."""
    fields = [found for pid in made.outside.pids() if (found := stat_fields(pid))]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def quota(made: Target) -> float:
    """Return how many processors the control group allows."""
    group = made.outside.group("cpu")
    assert group is not None
    if (group / "cpu.max").exists():
        allowed, period = (group / "cpu.max").read_text().split()
        return int(allowed) / int(period)
    return int((group / "cpu.cfs_quota_us").read_text()) / int((group / "cpu.cfs_period_us").read_text())


async def ended_from_outside(made: Target) -> str:
    """Wait until no process of a sandbox is left; return what is said of it."""
    await until(lambda: made.outside.gone, 30)
    return (await made.ended(10)).reason
