"""Warm kernels and idle ones, over a runtime in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from traitlets.config import Config

from gptoss_lab.errors import (
    SandboxLostError,
)
from gptoss_lab.sandbox.agent.mux import DATA, HEADER
from gptoss_lab.sandbox.pool import WarmKernel, WarmPool
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.base import Language
from tests.fakes.runtime import FakeRuntime
from tests.sandbox.provisioned import Make, provisioner_of


async def test_an_idle_kernel_of_ours_is_ended(make: Make, runtime: FakeRuntime) -> None:
    """A manager alone is not told: its kernel has ended, with the reason."""
    manager = make(sandbox={"limits": {"idle_s": 0.2}})
    await manager.start_kernel()
    await runtime.launched[0].until_frames(1)
    runtime.launched[0].say(HEADER.pack(1, DATA, 5) + b"hello")
    ended = await asyncio.wait_for(runtime.launched[0].wait(), 10)
    assert ended.code == 137
    await provisioner_of(manager).wait()
    exit_ = provisioner_of(manager).exit
    assert exit_ is not None
    assert exit_.reason == "it was idle for 0.2 seconds"


async def test_an_idle_kernel_is_shut_down_by_its_fleet(
    runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing starts it again, and nobody believes that it runs."""
    stanza = {"provisioner_name": "gptoss-sandbox", "config": {}}
    spec = KernelSpec(
        argv=["python3", "{connection_file}"], metadata={"kernel_provisioner": stanza}, language="python"
    )
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda _self, _name: spec)
    fleet = AsyncMultiKernelManager(config=Config({"GptossLabApp": {"sandbox": {"limits": {"ttl_s": 0.3}}}}))
    kernel = await fleet.start_kernel(kernel_name="gptoss-python")
    await asyncio.wait_for(runtime.launched[0].wait(), 10)
    while kernel in fleet:  # noqa: ASYNC110 - the fleet has nothing to wait on
        await asyncio.sleep(0.01)
    record = REGISTRY.get(kernel)
    assert record is not None
    assert record.last_error == "it was older than 0.3 seconds"
    assert len(runtime.launched) == 1
    fleet.context.destroy(linger=0)


@pytest.fixture
async def pool(make: Make) -> AsyncIterator[WarmPool]:
    """A pool of one, served by managers like every other, awake."""

    async def start(language: Language) -> WarmKernel:
        del language
        manager = make()
        await manager.start_kernel(gptoss_purpose="warm", gptoss_limits={})
        warm = await provisioner_of(manager).detach()
        await manager.shutdown_kernel(now=True)
        return warm

    made = WarmPool({"python": 1}, start, memory_bytes=1)
    made.open()
    made.wake()
    yield made
    await made.close()


async def _until_warm(pool: WarmPool) -> None:
    while pool.waiting < 1:  # noqa: ASYNC110 - a pool has nothing to wait on
        await asyncio.sleep(0.01)


async def test_a_warm_kernel_becomes_the_managers(
    pool: WarmPool, manager: AsyncKernelManager, runtime: FakeRuntime
) -> None:
    """With its address and its key; it is listed as what it is now used for, and as young."""
    await asyncio.wait_for(_until_warm(pool), 10)
    (warm,) = runtime.launched
    await manager.start_kernel(gptoss_owner="anna", gptoss_limits={"cell_timeout_s": 5})
    kernel = provisioner_of(manager)._kernel
    assert kernel is not None
    assert kernel.sandbox is warm
    outside = json.loads(Path(manager.connection_file).read_text())  # noqa: ASYNC240 - a test's own small file
    assert outside["key"] == runtime.specs[0].connection_info["key"]
    assert manager.session.key.decode() == outside["key"]
    _, writer = await asyncio.open_unix_connection(f"{manager.ip}-1")
    writer.close()
    await writer.wait_closed()
    (record,) = (record for record in REGISTRY if record.ended is None)
    assert record.id == manager.kernel_id
    state = record.state()
    assert (record.owner, state.purpose) == ("anna", "notebook")
    assert (state.limits.cell_timeout_s, state.usage.executions) == (5, 0)
    await manager.shutdown_kernel(now=True)
    assert warm.closed


async def test_a_restart_of_a_claimed_kernel_is_cold(
    pool: WarmPool, manager: AsyncKernelManager, runtime: FakeRuntime
) -> None:
    """Its clients hold its address and its key, which another warm kernel does not have."""
    await asyncio.wait_for(_until_warm(pool), 10)
    await manager.start_kernel()
    address, key = manager.ip, manager.session.key
    await asyncio.wait_for(_until_warm(pool), 10)
    await manager.restart_kernel(now=True)
    assert (manager.ip, manager.session.key) == (address, key)
    assert pool.waiting == 1
    assert len(runtime.launched) == 3
    assert runtime.specs[2].connection_info["key"] == key.decode()


async def test_a_start_that_asks_for_less_is_cold(
    pool: WarmPool, manager: AsyncKernelManager, runtime: FakeRuntime
) -> None:
    """A sandbox holds its memory limit; one with a wider limit is no stand-in."""
    await asyncio.wait_for(_until_warm(pool), 10)
    await manager.start_kernel(gptoss_limits={"memory_bytes": 1 << 30})
    assert [spec.limits.memory_bytes for spec in runtime.specs] == [2 << 30, 1 << 30]
    assert pool.waiting == 1


async def test_what_has_ended_is_not_given_away(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """A kernel that died while it was tried out does not go into the pool."""
    await manager.start_kernel()
    runtime.launched[0].end(Exit(1))
    await provisioner_of(manager)._kernel.wait()  # type: ignore[union-attr] # it was started
    with pytest.raises(SandboxLostError):
        await provisioner_of(manager).detach()
