"""The provisioner's verbs, over a runtime in memory."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from gptoss_lab.errors import (
    PolicyError,
    SandboxError,
)
from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox import launch as launch_module
from gptoss_lab.sandbox.agent.mux import DATA, HEADER, OPEN
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.sandbox.runtime import Exit
from tests.fakes.runtime import FakeRuntime, FakeSandbox
from tests.sandbox.provisioned import Make, provisioner_of


async def test_a_start_asks_for_what_the_policy_says(
    manager: AsyncKernelManager, runtime: FakeRuntime
) -> None:
    """The kernel sees TCP inside, the client unix sockets outside, with one key."""
    await manager.start_kernel(env={"SECRET": "x"}, cwd="/somewhere")
    (spec,) = runtime.specs
    outside = json.loads(Path(manager.connection_file).read_text())  # noqa: ASYNC240 - a test's own small file
    assert (spec.connection_info["transport"], spec.connection_info["ip"]) == ("tcp", "127.0.0.1")
    assert spec.connection_info["shell_port"] == 9001
    assert (outside["transport"], outside["shell_port"]) == ("ipc", 1)
    assert outside["key"] == spec.connection_info["key"]
    assert list(spec.argv) == ["python3", "-f", "{connection_file}"]
    assert "SECRET" not in spec.env
    assert await manager.is_alive()
    assert (provisioner_of(manager).runtime_name, provisioner_of(manager).image) == ("docker", "sha256:fake")


async def test_bytes_reach_the_sandbox(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """What a client sends on the kernel's socket arrives as frames."""
    await manager.start_kernel()
    reader, writer = await asyncio.open_unix_connection(f"{manager.ip}-1")
    writer.write(b"hello")
    sandbox = runtime.launched[0]
    while (await sandbox.until_frames(1))[-1][3] != b"hello":  # the manager connects too
        await sandbox.until_frames(len(sandbox.frames) + 1)
    number = sandbox.frames[-1][0]
    assert (number, OPEN, 9001, b"") in sandbox.frames
    sandbox.say(HEADER.pack(number, DATA, 2) + b"hi")
    assert await reader.readexactly(2) == b"hi"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("options", "says"),
    [({}, "a message of more than 128 MiB"), ({"gptoss_limits": {}}, "more than 500 bytes")],
)
async def test_a_flood_ends_the_sandbox(
    manager: AsyncKernelManager,
    runtime: FakeRuntime,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    says: str,
) -> None:
    """A kernel in a person's hands is bounded by message, one that we run by all its bytes; both say why."""
    monkeypatch.setattr(launch_module, "JOB_RELAY_BYTES", 500)
    monkeypatch.setattr(launch_module, "JOB_RELAY_FACTOR", 0)
    await manager.start_kernel(**options)
    sandbox = runtime.launched[0]
    await sandbox.until_frames(1)  # the manager's own connection
    greeting = (b"\xff" + bytes(8) + b"\x7f\x03").ljust(64, b"\0")
    said = greeting + b"\x02" + (200 << 20).to_bytes(8, "big") + bytes(1000)
    sandbox.say(HEADER.pack(1, DATA, len(said)) + said)
    await asyncio.wait_for(sandbox.wait(), 5)
    provisioner = provisioner_of(manager)
    while provisioner.exit is None:  # noqa: ASYNC110 - a cached value
        await asyncio.sleep(0.01)
    assert says in provisioner.exit.reason


async def test_signals_go_to_the_sandbox(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """An interrupt is a signal; asking with 0 sends none."""
    await manager.start_kernel()
    await manager.interrupt_kernel()
    await manager.signal_kernel(0)
    assert runtime.launched[0].signals == [signal.SIGINT]


async def test_an_end_is_seen_and_kept(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """The end is noticed without asking, with its reason and the last figures."""
    await manager.start_kernel()
    runtime.launched[0].end(Exit(137, oom=True, reason="out of memory"))
    await asyncio.sleep(0.05)
    provisioner = provisioner_of(manager)
    assert not await manager.is_alive()
    assert await provisioner.poll() == 137
    assert provisioner.exit == Exit(137, oom=True, reason="out of memory")
    assert (await provisioner.usage()).peak_memory_bytes == 2
    await provisioner.send_signal(signal.SIGINT)
    assert runtime.launched[0].signals == []


async def test_a_broken_stream_has_its_reason(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """When the relay ends a sandbox, the exit says why."""
    await manager.start_kernel()
    runtime.launched[0].say(HEADER.pack(99, DATA, 0))
    await asyncio.wait_for(provisioner_of(manager).wait(), 5)
    ended = provisioner_of(manager).exit
    assert ended is not None
    assert "connection 99 was never opened" in ended.reason


async def test_a_restart_is_a_new_sandbox(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """A restart ends the first sandbox, keeps the address and the narrowing, and keeps the runtime open."""
    await manager.start_kernel(gptoss_limits={"pids": 20})
    address = manager.ip
    await manager.restart_kernel(now=True)
    first, second = runtime.launched
    assert (first.closed, second.ended, runtime.closed) == (True, False, False)
    assert manager.ip == address
    assert [spec.limits.pids for spec in runtime.specs] == [20, 20]
    assert provisioner_of(manager).exit is None


async def test_shutdown_leaves_nothing(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """After the end the sandbox and the runtime are closed and the sockets are gone."""
    await manager.start_kernel()
    folder = Path(manager.ip).parent
    assert folder.parent == run_dir()
    await manager.shutdown_kernel(now=True)
    assert runtime.launched[0].closed
    assert runtime.closed
    assert not folder.exists()


async def test_a_kernelspec_cannot_set_any_variable(make: Make, runtime: FakeRuntime) -> None:
    """Kernelspecs are files that anybody may write; their environment goes through the list."""
    manager = make(env={"LD_PRELOAD": "/tmp/evil.so"})  # noqa: S108 - only a value
    with pytest.raises(PolicyError, match="LD_PRELOAD"):
        await manager.start_kernel()
    assert runtime.launched == []


async def test_a_path_that_is_too_long_leaves_no_sandbox(
    make: Make, tmp_path: Path, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the sockets cannot be made, the sandbox that has started is ended."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 100)))
    with pytest.raises(Exception, match="longer than 107 bytes"):
        await make().start_kernel()
    assert runtime.launched[0].closed


async def test_a_failed_start_leaves_no_folder(
    make: Make, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When the runtime cannot start the sandbox, the folder for its sockets is removed."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    async def refuse(_spec: object) -> FakeSandbox:
        raise SandboxError("no")

    monkeypatch.setattr(runtime, "launch", refuse)
    with pytest.raises(SandboxError, match="no"):
        await make().start_kernel()
    assert [path.name for path in run_dir().iterdir() if path.is_dir()] == []


async def test_every_kernel_is_on_the_list(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """From its start to its end, with what the caller says of it."""
    await manager.start_kernel(gptoss_purpose="execute", gptoss_owner="anna")
    record = REGISTRY.get(str(manager.kernel_id))
    assert record is not None
    assert (record.purpose, record.owner, record.isolation) == ("execute", "anna", "none, a fake")
    assert (record.runtime, record.image) == ("docker", "sha256:fake")
    await manager.shutdown_kernel(now=True)
    assert runtime.launched[0].closed
    assert REGISTRY.get(str(manager.kernel_id)) is None


async def test_an_unknown_purpose_is_refused(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """Nothing is started for it."""
    with pytest.raises(PolicyError, match="mining"):
        await manager.start_kernel(gptoss_purpose="mining")
    assert runtime.launched == []


async def test_an_end_that_nobody_asked_for_is_told(
    manager: AsyncKernelManager, runtime: FakeRuntime
) -> None:
    """The reason stays on the list, also after a restart that hides it from the page."""
    await manager.start_kernel()
    runtime.launched[0].end(Exit(137, oom=True, reason="out of memory"))
    await asyncio.wait_for(provisioner_of(manager).wait(), 5)
    record = REGISTRY.get(str(manager.kernel_id))
    assert record is not None
    assert (record.phase, record.last_error) == ("ended", "out of memory")
    await manager.restart_kernel(now=True)
    record = REGISTRY.get(str(manager.kernel_id))
    assert record is not None
    assert (record.phase, record.last_error) == ("starting", "out of memory")
