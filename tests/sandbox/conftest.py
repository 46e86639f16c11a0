"""A runtime in memory, and kernel managers that use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from gptoss_lab.sandbox import provisioner as provisioner_module
from tests.fakes.runtime import FakeRuntime
from tests.sandbox.provisioned import UNCONFIGURED, Make


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """The only runtime there is."""
    fake = FakeRuntime()
    monkeypatch.setattr(provisioner_module, "make_runtimes", lambda _config: (fake,))
    return fake


@pytest.fixture
async def make(tmp_path: Path, runtime: FakeRuntime) -> AsyncIterator[Make]:
    """Make kernel managers whose kernels are provisioned by us; end them after the test."""
    del runtime
    made: list[AsyncKernelManager] = []

    def one(*, sandbox: Any = None, **spec: Any) -> AsyncKernelManager:
        config = Config() if sandbox is UNCONFIGURED else Config({"GptossLabApp": {"sandbox": sandbox or {}}})
        manager = AsyncKernelManager(config=config, connection_file=str(tmp_path / "kernel.json"))
        stanza = {"provisioner_name": "gptoss-sandbox", "config": spec.pop("config", {})}
        manager._kernel_spec = KernelSpec(
            argv=["python3", "-f", "{connection_file}"],
            language="python",
            interrupt_mode="signal",
            metadata={"kernel_provisioner": stanza},
            **spec,
        )
        made.append(manager)
        return manager

    yield one
    for manager in made:
        if manager.provisioner is not None:
            await manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


@pytest.fixture
def manager(make: Make) -> AsyncKernelManager:
    """A kernel manager with nothing special."""
    return make()
