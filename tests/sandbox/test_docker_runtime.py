"""What only the Docker runtime promises; the rest is in the conformance list."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import ImageMissingError, SandboxError
from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_runtime import DockerRuntime
from gptoss_lab.sandbox.docker_sandbox import SANDBOX_LABEL
from gptoss_lab.sandbox.docker_stats import StatsFollower, usage_from
from gptoss_lab.sandbox.policy import kernel_env
from gptoss_lab.sandbox.reaper import OWNER_LABEL
from gptoss_lab.sandbox.runtime import LaunchSpec, ResourceUsage
from gptoss_lab.schemas.execution import Limits
from tests.sandbox.conformance import require_image

LIMITS = Limits(memory_bytes=256 << 20)
docker = pytest.mark.docker


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[DockerRuntime]:
    """A runtime with the machine's daemon and a built image."""
    await require_image("docker")
    made = DockerRuntime("", tmp_path)
    yield made
    await made.close()


async def _spec(runtime: DockerRuntime, *argv: str) -> LaunchSpec:
    image = await runtime.find_image("python")
    assert image is not None
    return LaunchSpec(
        sandbox_id=uuid.uuid4().hex,
        language="python",
        image_id=image.id,
        argv=argv or ("python3", "-c", "import time; time.sleep(60)"),
        connection_info={"key": "k"},
        limits=LIMITS,
        env=kernel_env({}, LIMITS),
    )


async def _left(client: DockerClient, label: str) -> int:
    return len(await client.call(lambda api: api.containers(all=True, filters={"label": [label]})))


@docker
async def test_status_describes_the_daemon(runtime: DockerRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status names the engine, its isolation and the image."""
    status = await runtime.status("python")
    assert (status.available, status.image_ready, status.runtime) == (True, True, "docker")
    assert "no network" in status.isolation
    assert status.version

    async def none(_language: str) -> None:
        return None

    monkeypatch.setattr(runtime._images, "find", none)
    missing = await runtime.status("r")
    assert (missing.available, missing.image_ready) == (True, False)
    assert "sandbox build r" in missing.hint


@docker
async def test_a_missing_image_is_named(runtime: DockerRuntime) -> None:
    """An image that is not there is never pulled."""
    spec = replace(await _spec(runtime), image_id="sha256:" + "0" * 64)
    with pytest.raises(ImageMissingError):
        await runtime.launch(spec)


@docker
@pytest.mark.parametrize("argv", [("no-such-program",), ("python3", "-c", "raise SystemExit('boom')")])
async def test_a_kernel_that_cannot_start_leaves_nothing(
    runtime: DockerRuntime, argv: tuple[str, ...]
) -> None:
    """A kernel that fails at once gives an error or an exit, and no container either way."""
    spec = await _spec(runtime, *argv)
    try:
        sandbox = await runtime.launch(spec)
    except SandboxError as error:
        assert "did not start: " in error.message or "refused" in error.message  # noqa: PT017 - either way is right
    else:
        assert (await asyncio.wait_for(sandbox.wait(), 10)).code == 1
        await sandbox.close()
    client = DockerClient("")
    for _ in range(50):
        if await _left(client, f"{SANDBOX_LABEL}={spec.sandbox_id}") == 0:
            break
        await asyncio.sleep(0.1)
    assert await _left(client, f"{SANDBOX_LABEL}={spec.sandbox_id}") == 0
    await client.close()


@docker
async def test_a_failed_entry_is_told(runtime: DockerRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers in place of the relay, and what the container said, are in the error."""
    place = "gptoss_lab.sandbox.docker_sandbox"
    monkeypatch.setattr(f"{place}.WATCH_TIMEOUT_S", 0.5)
    monkeypatch.setattr(f"{place}.mux_source", lambda: "print('cannot enter')")
    with pytest.raises(SandboxError, match="did not start: cannot enter"):
        await runtime.launch(await _spec(runtime))
    monkeypatch.setattr(
        f"{place}.boot_source", lambda: "import time; time.sleep(0.2); raise SystemExit('no luck')"
    )
    with pytest.raises(SandboxError, match="did not start: no luck"):
        await runtime.launch(await _spec(runtime))


@docker
async def test_kill_and_close_may_be_repeated(runtime: DockerRuntime) -> None:
    """A sandbox that has ended takes every verb without complaint, and many may wait for it."""
    sandbox = await runtime.launch(await _spec(runtime))
    waiting = [asyncio.ensure_future(sandbox.wait()) for _ in range(3)]
    await sandbox.kill()
    ends = await asyncio.wait_for(asyncio.gather(*waiting), 10)
    assert {(end.code, end.oom) for end in ends} == {(137, False)}
    await sandbox.kill()
    await sandbox.signal(2)
    await sandbox.close()
    await sandbox.close()
    with pytest.raises(BrokenPipeError):
        await sandbox.write(b"x")


@docker
async def test_a_cancelled_launch_leaves_nothing(runtime: DockerRuntime) -> None:
    """A person who stops while the container starts leaves no container."""
    spec = await _spec(runtime)
    client = DockerClient("")
    for delay_s in (0.02, 0.08, 0.15):
        task = asyncio.ensure_future(runtime.launch(spec))
        await asyncio.sleep(delay_s)
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        if not isinstance(result, BaseException):
            await result.close()
    for _ in range(50):
        if await _left(client, f"{SANDBOX_LABEL}={spec.sandbox_id}") == 0:
            break
        await asyncio.sleep(0.1)
    assert await _left(client, f"{SANDBOX_LABEL}={spec.sandbox_id}") == 0
    await client.close()


@docker
async def test_the_dead_are_reaped_and_strangers_left(
    runtime: DockerRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container of a dead server goes; one whose owner has no lease here stays."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    dead, stranger = uuid.uuid4().hex, uuid.uuid4().hex
    (run_dir() / f"{dead}.lease").touch()
    spec = await _spec(runtime)
    client = DockerClient("")
    for owner in (dead, stranger):
        body = {"Image": spec.image_id, "Cmd": ["true"], "Labels": {OWNER_LABEL: owner}}
        await client.call(lambda api, body=body: api.create_container_from_config(body))  # type: ignore[misc]
    try:
        assert await runtime.reap() == 1
        assert await _left(client, f"{OWNER_LABEL}={dead}") == 0
        assert await _left(client, f"{OWNER_LABEL}={stranger}") == 1
        assert await runtime.reap() == 0
    finally:
        rows = await client.call(
            lambda api: api.containers(all=True, filters={"label": [f"{OWNER_LABEL}={stranger}"]})
        )
        for row in rows:
            await client.call(lambda api, row=row: api.remove_container(row["Id"]))  # type: ignore[misc]
        await client.close()


@docker
async def test_statistics_stand_in_for_the_files(runtime: DockerRuntime) -> None:
    """Where the control group cannot be seen the daemon's statistics give the same kind of figures."""
    eater = "import subprocess as s, time; s.run(['python3', '-c', 'bytearray(1 << 30)']); time.sleep(60)"
    sandbox = await runtime.launch(await _spec(runtime, "python3", "-c", eater))
    client = DockerClient("")
    follower = StatsFollower(client, sandbox._container)
    found: ResourceUsage | None = None
    for _ in range(200):
        found = follower.latest()
        if found is not None and found.oom_kills:
            break
        await asyncio.sleep(0.1)
    follower.close()
    await sandbox.close()
    await client.close()
    assert found is not None
    assert found.memory_bytes
    assert found.peak_memory_bytes
    assert found.pids
    assert found.oom_kills == 1


def test_statistics_may_lack_anything() -> None:
    """A sample of a container that has just ended is empty; nothing is made up."""
    assert usage_from({}) == ResourceUsage()
    sample = {
        "memory_stats": {"usage": 8, "max_usage": 9, "stats": {"inactive_file": 3}},
        "cpu_stats": {"cpu_usage": {"total_usage": 10**9}, "throttling_data": {"throttled_time": 10**8}},
        "pids_stats": {"current": 2},
    }
    assert usage_from(sample) == ResourceUsage(5, 9, 1.0, 2, 0.1)


class _Daemon:
    """What the reaper asks of a daemon. `rows` are its containers."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def containers(self, *, all: bool, filters: dict[str, list[str]]) -> list[dict[str, Any]]:  # noqa: A002 - theirs
        assert all
        (label,) = filters["label"]
        owner = label.partition("=")[2]
        states = filters.get("status", ["created", "running"])
        return [row for row in self.rows if row["State"] in states and owner in {"", row["Owner"]}]

    def remove_container(self, name: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self.rows = [row for row in self.rows if row["Id"] != name]


async def test_what_never_ran_is_reaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that came after its server's death is found by the kept lease, or by its age."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    lease = run_dir() / f"{uuid.uuid4().hex}.lease"
    lease.touch()
    now = int(time.time())
    daemon = _Daemon([
        {"Id": "dead", "State": "running", "Owner": lease.stem, "Created": now},
        {"Id": "forgotten", "State": "created", "Owner": "x", "Created": now - 3600},
        {"Id": "starting", "State": "created", "Owner": "x", "Created": now},
        {"Id": "elsewhere", "State": "running", "Owner": "x", "Created": now - 3600},
    ])
    runtime = DockerRuntime("", tmp_path)

    async def call(use: Callable[[Any], Any]) -> Any:
        return use(daemon)

    monkeypatch.setattr(runtime._client, "call", call)
    assert await runtime.reap() == 2
    assert [row["Id"] for row in daemon.rows] == ["starting", "elsewhere"]
    daemon.rows.append({"Id": "late", "State": "created", "Owner": lease.stem, "Created": now})
    assert (await runtime.reap(), lease.exists()) == (1, True)
    assert (await runtime.reap(), lease.exists()) == (0, False)
