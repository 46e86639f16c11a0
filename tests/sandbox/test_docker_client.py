"""Reaching a daemon, and not reaching one."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import pytest

from gptoss_lab.errors import ImageMissingError, SandboxUnavailableError
from gptoss_lab.sandbox import docker_client
from gptoss_lab.sandbox.docker_client import DaemonRefusal, DockerClient, find_host
from gptoss_lab.sandbox.docker_runtime import DockerRuntime


def test_the_configuration_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configured address, then `DOCKER_HOST`."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://env:2375")
    assert find_host("tcp://mine:2375") == "tcp://mine:2375"
    assert find_host("") == "tcp://env:2375"


def test_a_rootless_socket_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without either, sockets in their usual places are looked for."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(docker_client, "DEFAULT_SOCKET", str(tmp_path / "none.sock"))
    assert find_host("") == f"unix://{tmp_path}/none.sock"
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman" / "podman.sock").touch()
    assert find_host("") == f"unix://{tmp_path}/podman/podman.sock"


@pytest.mark.parametrize("host", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:9", "ssh://box"])
async def test_an_absent_daemon_is_a_status(host: str, tmp_path: Path) -> None:
    """Where nothing listens the status says so, quickly, with a hint and no exception."""
    runtime = DockerRuntime(host, tmp_path)
    began = time.monotonic()
    status = await runtime.status("python")
    assert time.monotonic() - began < 3
    assert not status.available
    assert host in status.reason
    assert status.hint
    await runtime.close()


async def test_a_silent_daemon_is_given_up(tmp_path: Path) -> None:
    """Something that accepts and never answers costs about the connection timeout, off the event loop."""
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        runtime = DockerRuntime(f"unix://{path}", tmp_path)
        began = time.monotonic()
        pending = asyncio.ensure_future(runtime.status("python"))
        worst = 0.0
        while not pending.done():
            turn = time.monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, time.monotonic() - turn)
        assert not pending.result().available
        assert time.monotonic() - began < 6
        assert worst < 0.5
        await runtime.close()


async def test_calls_without_a_daemon_raise(tmp_path: Path) -> None:
    """Anything but `status` raises that the sandbox is unavailable."""
    client = DockerClient(f"unix://{tmp_path}/none.sock")
    with pytest.raises(SandboxUnavailableError):
        await client.call(lambda api: api.ping())
    with pytest.raises(SandboxUnavailableError):
        await client.post("/x", {})


@pytest.mark.docker
async def test_errors_of_the_daemon_are_ours() -> None:
    """What the daemon refuses comes as our errors."""
    client = DockerClient("")
    assert (await client.connect()).api_version
    with pytest.raises(ImageMissingError):
        await client.call(lambda api: api.inspect_image("no/such:image"))
    with pytest.raises(DaemonRefusal) as caught:
        await client.call(lambda api: api.inspect_container("no-such-container"))
    assert caught.value.http_status == 404
    await client.close()
