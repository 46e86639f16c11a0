"""The provisioner's verbs, over a runtime in memory."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from traitlets.config import Config

from gptoss_lab.errors import (
    ImageMissingError,
    PolicyError,
    RequestError,
    SandboxError,
    SandboxLostError,
    SandboxUnavailableError,
)
from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox import launch as launch_module
from gptoss_lab.sandbox import provisioner as provisioner_module
from gptoss_lab.sandbox.agent.mux import DATA, HEADER, OPEN
from gptoss_lab.sandbox.pool import WarmKernel, WarmPool
from gptoss_lab.sandbox.provisioner import SandboxProvisioner
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.sandbox.runtime import Exit, Wish
from gptoss_lab.schemas.base import Language
from tests.fakes.runtime import FakeRuntime, FakeSandbox
from tests.fakes.wheels import ignore

UNCONFIGURED = object()


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """The only runtime there is."""
    fake = FakeRuntime()
    monkeypatch.setattr(provisioner_module, "make_runtimes", lambda _config: (fake,))
    return fake


Make = Callable[..., AsyncKernelManager]


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


def _provisioner(manager: AsyncKernelManager) -> SandboxProvisioner:
    assert isinstance(manager.provisioner, SandboxProvisioner)
    return manager.provisioner


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
    assert (_provisioner(manager).runtime_name, _provisioner(manager).image) == ("docker", "sha256:fake")


async def test_an_image_can_be_named(make: Make, manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """An old image is run again, at each restart too; one that is not here starts nothing."""
    made = await runtime.extend((await runtime.images())[0], Wish(("emoji",)), ignore)
    await manager.start_kernel(gptoss_image="fake:1")
    assert _provisioner(manager).image == "sha256:fake"
    await manager.restart_kernel(now=True)
    assert [spec.image_id for spec in runtime.specs] == ["sha256:fake", "sha256:fake"]
    _provisioner(manager).move(made.id)
    assert _provisioner(manager).image == "sha256:fake"
    await manager.restart_kernel(now=True)
    assert _provisioner(manager).image == made.id
    with pytest.raises(ImageMissingError, match="is no sandbox image here"):
        await make().start_kernel(gptoss_image="fake:2")
    assert len(runtime.specs) == 3


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
    provisioner = _provisioner(manager)
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
    provisioner = _provisioner(manager)
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
    await asyncio.wait_for(_provisioner(manager).wait(), 5)
    ended = _provisioner(manager).exit
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
    assert _provisioner(manager).exit is None


async def test_shutdown_leaves_nothing(manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """After the end the sandbox and the runtime are closed and the sockets are gone."""
    await manager.start_kernel()
    folder = Path(manager.ip).parent
    assert folder.parent == run_dir()
    await manager.shutdown_kernel(now=True)
    assert runtime.launched[0].closed
    assert runtime.closed
    assert not folder.exists()


async def test_limits_narrow(make: Make, runtime: FakeRuntime) -> None:
    """The server's maxima, the kernelspec and the start narrow in turn."""
    manager = make(sandbox={"limits": {"pids": 100, "cpus": 2.0}}, config={"limits": {"pids": 50}})
    await manager.start_kernel(gptoss_limits={"cpus": 0.5})
    limits = runtime.specs[0].limits
    assert (limits.pids, limits.cpus) == (50, 0.5)
    await manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    ("sandbox", "spec", "asked", "says"),
    [
        ({"limits": {"pids": 100}}, {"limits": {"pids": 200}}, None, "pids=200 is wider"),
        ({}, {}, {"privileged": True}, "privileged is refused"),
        ({}, {}, {"memory_bytes": 1 << 40}, "memory_bytes"),
        ({"limitz": {}}, {}, None, "configuration is not valid"),
        ({"limits": "all"}, {}, None, "configuration is not valid"),
        ({}, {"profile": "none"}, None, "no sandbox profile"),
        ({}, {"image": "sha256:other"}, None, "a key that is refused: image"),
        ({}, {"config": {"GptossLabApp": {"sandbox": {}}}}, None, "a key that is refused: config"),
    ],
)
async def test_asking_for_more_starts_nothing(
    make: Make, runtime: FakeRuntime, sandbox: Any, spec: Any, asked: Any, says: str
) -> None:
    """A wider limit, an unknown key or a broken configuration is refused before anything starts."""
    manager = make(sandbox=sandbox, config=spec)
    with pytest.raises(PolicyError, match=says):
        await manager.start_kernel(**({"gptoss_limits": asked} if asked else {}))
    assert runtime.launched == []


async def test_a_client_without_a_server_obeys_the_servers_files(
    make: Make, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Papermill knows nothing of the administrator's maxima; they hold for its kernels too."""
    sections = {"sandbox": {"limits": {"pids": 77}}}
    monkeypatch.setattr(launch_module, "read_sections", lambda: sections)
    manager = make(sandbox=UNCONFIGURED)
    await manager.start_kernel()
    assert runtime.specs[0].limits.pids == 77
    await manager.shutdown_kernel(now=True)


async def test_a_client_without_a_server_fails_closed(
    make: Make, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be read may forbid anything, so nothing is started."""

    def unreadable() -> dict[str, Any]:
        raise RequestError("The file is broken", hint="Mend it.")

    monkeypatch.setattr(launch_module, "read_sections", unreadable)
    with pytest.raises(PolicyError, match="The file is broken"):
        await make(sandbox=UNCONFIGURED).start_kernel()
    assert runtime.launched == []


async def test_data_is_shown_as_agreed(make: Make, runtime: FakeRuntime, tmp_path: Path) -> None:
    """What is named is shown, also after a restart, until other data is; a kernelspec names none."""
    folder, other = tmp_path / "study", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    manager = make()
    await manager.start_kernel(gptoss_data=[str(folder)])
    await manager.restart_kernel(now=True)
    _provisioner(manager).show([str(other)])
    await manager.restart_kernel(now=True)
    _provisioner(manager).show([])
    await manager.restart_kernel(now=True)
    sources = [[item.source for item in spec.data] for spec in runtime.specs]
    assert sources == [[folder], [folder], [other], []]
    with pytest.raises(PolicyError, match="a key that is refused: data"):
        await make(config={"data": [str(folder)]}).start_kernel()


async def test_data_may_be_forbidden(make: Make, runtime: FakeRuntime, tmp_path: Path) -> None:
    """Where the administrator allows none, a start that names some fails."""
    with pytest.raises(PolicyError, match="does not show files"):
        await make(sandbox={"allow_data": False}).start_kernel(gptoss_data=[str(tmp_path)])
    assert runtime.specs == []


async def test_a_profile_is_named_by_the_kernelspec(make: Make, runtime: FakeRuntime) -> None:
    """The profile's limits, isolation and image hold, and the registry knows its name."""
    profile = {"limits": {"pids": 40}, "isolation": "require-gvisor", "image": "fake:1"}
    manager = make(sandbox={"profiles": {"small": profile}}, config={"profile": "small"})
    await manager.start_kernel()
    (spec,) = runtime.specs
    assert (spec.limits.pids, spec.isolation, spec.image_id) == (40, "require-gvisor", "sha256:fake")
    assert runtime.isolations == ["require-gvisor"]
    record = REGISTRY.get(str(_provisioner(manager).kernel_id))
    assert record is not None
    assert record.profile == "small"


async def test_a_kernelspec_cannot_set_any_variable(make: Make, runtime: FakeRuntime) -> None:
    """Kernelspecs are files that anybody may write; their environment goes through the list."""
    manager = make(env={"LD_PRELOAD": "/tmp/evil.so"})  # noqa: S108 - only a value
    with pytest.raises(PolicyError, match="LD_PRELOAD"):
        await manager.start_kernel()
    assert runtime.launched == []


async def test_without_a_runtime_nothing_starts(make: Make, runtime: FakeRuntime) -> None:
    """There is no fallback to an unsandboxed kernel."""
    runtime.available = False
    with pytest.raises(SandboxUnavailableError, match="the fake docker is off"):
        await make().start_kernel()


async def test_without_an_image_nothing_starts(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing image is an error with a hint, never a build."""
    fake = FakeRuntime(image_ready=False)
    monkeypatch.setattr(provisioner_module, "make_runtimes", lambda _config: (fake,))
    with pytest.raises(ImageMissingError):
        await make().start_kernel()
    assert await fake.images() == []


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
    await asyncio.wait_for(_provisioner(manager).wait(), 5)
    record = REGISTRY.get(str(manager.kernel_id))
    assert record is not None
    assert (record.phase, record.last_error) == ("ended", "out of memory")
    await manager.restart_kernel(now=True)
    record = REGISTRY.get(str(manager.kernel_id))
    assert record is not None
    assert (record.phase, record.last_error) == ("starting", "out of memory")


async def test_an_idle_kernel_of_ours_is_ended(make: Make, runtime: FakeRuntime) -> None:
    """A manager alone is not told: its kernel has ended, with the reason."""
    manager = make(sandbox={"limits": {"idle_s": 0.2}})
    await manager.start_kernel()
    await runtime.launched[0].until_frames(1)
    runtime.launched[0].say(HEADER.pack(1, DATA, 5) + b"hello")
    ended = await asyncio.wait_for(runtime.launched[0].wait(), 10)
    assert ended.code == 137
    await _provisioner(manager).wait()
    exit_ = _provisioner(manager).exit
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
        warm = await _provisioner(manager).detach()
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
    kernel = _provisioner(manager)._kernel
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
    await _provisioner(manager)._kernel.wait()  # type: ignore[union-attr] # it was started
    with pytest.raises(SandboxLostError):
        await _provisioner(manager).detach()
