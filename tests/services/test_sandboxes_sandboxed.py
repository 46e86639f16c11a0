"""Real kernels that are watched, ended and lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from traitlets.config import Config

from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.sandbox.registry import REGISTRY, SandboxRecord
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.schemas.sandboxes import SandboxPhase, SandboxRequest
from gptoss_lab.services.kept import KeptSandbox, KeptSandboxes
from gptoss_lab.services.kernel_messages import CellRun
from gptoss_lab.services.kernel_session import Bounds, KernelSession
from gptoss_lab.services.kernel_start import start_session
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.kernels import FakeKernels
from tests.sandbox.conformance import require_image

OWNER = "anna"
BOUNDS = Bounds(timeout_s=90, max_bytes=10_000, max_messages=100)
EATER = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'bytearray(1 << 30)']).returncode"
WITHIN_S = 60.0
both = pytest.mark.parametrize(
    "runtime",
    [
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
    ],
)


@pytest.fixture
async def service(runtime: Any) -> AsyncIterator[SandboxService]:
    """A service over one runtime."""
    await require_image(runtime)
    config = SandboxConfig(
        runtime=runtime, limits=SandboxConfig().limits.model_copy(update={"memory_bytes": 512 << 20})
    )
    made = SandboxService(KeptSandboxes(2, lambda wanted: start_session(wanted, config)))
    yield made
    await made.close()


async def _start(service: SandboxService, **limits: Any) -> KeptSandbox:
    state = await service.start(SandboxRequest(limits=LimitOverrides(**limits)), OWNER)
    return service.kept.find(state.id, OWNER)


def _outputs() -> CellOutputs:
    return CellOutputs(max_bytes=BOUNDS.max_bytes, max_messages=BOUNDS.max_messages)


async def _run(kept: KeptSandbox, code: str, outputs: CellOutputs | None = None) -> tuple[CellRun, str]:
    outputs = outputs or _outputs()
    async with kept.use() as session:
        assert isinstance(session, KernelSession)
        run = await session.run_cell(code, outputs, BOUNDS)
        return run, "".join(str(output.get("data", output.get("text"))) for output in outputs.outputs())


def _record(sandbox: str) -> SandboxRecord:
    record = REGISTRY.get(sandbox)
    assert record is not None
    return record


async def _until(sandbox: str, phase: SandboxPhase) -> None:
    async def reached() -> None:
        while _record(sandbox).phase != phase:  # noqa: ASYNC110 - figures have nothing to wait on
            await asyncio.sleep(0.02)

    await asyncio.wait_for(reached(), WITHIN_S)


@both
async def test_a_cell_is_seen_at_work(service: SandboxService) -> None:
    """The phase and the figures follow what the kernel does, and an interrupt ends the cell."""
    kept = await _start(service)
    outputs = _outputs()
    running = asyncio.create_task(_run(kept, "print('on')\nwhile True:\n    pass", outputs))
    await _until(kept.id, "busy")
    while not outputs.outputs():  # noqa: ASYNC110 - an interrupt before the cell has begun is lost
        await asyncio.sleep(0.02)
    state = await service.interrupt(kept.id, OWNER, FakeKernels())
    run, _ = await asyncio.wait_for(running, WITHIN_S)
    assert (state.id, run.status) == (kept.id, "interrupted")
    await _until(kept.id, "idle")
    usage = (await service.get(kept.id, OWNER, FakeKernels())).usage
    assert usage.executions == 1
    assert usage.memory_bytes
    assert usage.cpu_s
    assert usage.pids


@both
async def test_a_childs_death_for_want_of_memory_is_counted(service: SandboxService) -> None:
    """The kernel lives on, so that only the count tells of it."""
    kept = await _start(service)
    run, value = await _run(kept, EATER)
    assert (run.status, "-9" in value) == ("ok", True)
    record = _record(kept.id)

    async def counted() -> None:
        while not record.usage.oom_kills:  # noqa: ASYNC110 - figures have nothing to wait on
            await asyncio.sleep(0.05)

    if record.usage.oom_kills is None:
        pytest.skip("no control group can be made here, so that the kernel's count is not told")
    await asyncio.wait_for(counted(), WITHIN_S)
    assert record.phase == "idle"


@both
async def test_a_kept_sandbox_that_nobody_uses_is_ended(service: SandboxService) -> None:
    """With the reason; it is off the list of kept ones, and its name is free."""
    kept = await _start(service, idle_s=1.0)
    await _until(kept.id, "ended")
    state = await service.get(kept.id, OWNER, FakeKernels())
    assert state.last_error == "it was idle for 1 second"


@both
async def test_a_restart_is_a_new_kernel_of_the_same_name(service: SandboxService) -> None:
    """What it held is gone; it can be used at once."""
    kept = await _start(service)
    await _run(kept, "x = 1")
    state = await service.restart(kept.id, OWNER, FakeKernels())
    run, _ = await _run(kept, "x")
    assert (state.id, run.status, "NameError" in run.error) == (kept.id, "error", True)


@both
async def test_a_lost_relay_is_told_as_a_lost_sandbox(service: SandboxService) -> None:
    """The kernel would live on unreachable: it is ended, and the next one works."""
    kept = await _start(service)
    running = asyncio.create_task(_run(kept, "import time\ntime.sleep(600)"))
    await _until(kept.id, "busy")
    _record(kept.id).relay._sandbox.reader.feed_eof()  # as when the relay inside is killed
    run, _ = await asyncio.wait_for(running, WITHIN_S)
    assert (run.status, run.alive) == ("sandbox_lost", False)
    assert "connection to the sandbox was lost" in run.error
    again = await _start(service)
    assert (await _run(again, "1"))[0].status == "ok"


@both
async def test_jupyters_restart_keeps_why_the_kernel_ended(runtime: Any) -> None:
    """After the memory ran out the kernel is there again, and the list says what had happened."""
    await require_image(runtime)
    manager = AsyncKernelManager(
        kernel_name="gptoss-python",
        config=Config({
            "GptossLabApp": {"sandbox": {"runtime": runtime, "limits": {"memory_bytes": 256 << 20}}}
        }),
    )
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=WITHIN_S)
        client.execute("x = bytearray(1 << 30)")
        sandbox = str(manager.kernel_id)
        await _until(sandbox, "ended")
        assert "memory" in _record(sandbox).last_error
        await manager.restart_kernel(now=True)
        client.kernel_info()
        await _until(sandbox, "idle")
        assert "memory" in _record(sandbox).last_error
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


@both
async def test_a_fleets_idle_kernel_is_gone_for_good(runtime: Any) -> None:
    """It is shut down, not restarted, and the list says why."""
    await require_image(runtime)
    config = Config({"GptossLabApp": {"sandbox": {"runtime": runtime, "limits": {"idle_s": 1.0}}}})
    fleet = AsyncMultiKernelManager(config=config)
    kernel = await fleet.start_kernel(kernel_name="gptoss-python")
    await _until(kernel, "ended")

    async def gone() -> None:
        while kernel in fleet:  # noqa: ASYNC110 - figures have nothing to wait on
            await asyncio.sleep(0.02)

    await asyncio.wait_for(gone(), WITHIN_S)
    assert _record(kernel).last_error == "it was idle for 1 second"
    fleet.context.destroy(linger=0)


@both
async def test_a_person_ends_what_runs(service: SandboxService) -> None:
    """Whoever waits for the cell is told that the sandbox is gone."""
    kept = await _start(service)
    running = asyncio.create_task(_run(kept, "import time\ntime.sleep(600)"))
    await _until(kept.id, "busy")
    await service.end(kept.id, OWNER, FakeKernels())
    run, _ = await asyncio.wait_for(running, WITHIN_S)
    assert (run.status, run.alive) == ("died", False)
    assert REGISTRY.get(kept.id) is None or _record(kept.id).ended is not None
