"""Which OCI runtime is asked for, by what the daemon lists."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.errors import SandboxUnavailableError
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.sandbox.docker_client import DaemonFacts, DockerClient
from gptoss_lab.sandbox.docker_isolation import describe, find_gvisor, oci_runtime
from gptoss_lab.schemas.config import SandboxConfig
from tests.sandbox.conformance import LIMITS, Kernel, require_image


def _facts(*runtimes: str, default: str = "runc", is_podman: bool = False) -> DaemonFacts:
    return DaemonFacts("27.0", "1.47", is_podman, default, frozenset(runtimes))


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (_facts("runc"), ""),
        (_facts("runc", "runsc"), "runsc"),
        (_facts("runc", "runsc-kvm"), "runsc-kvm"),
        (_facts("runc", "runsc", default="runsc"), "runsc"),
        (_facts("runc", "myrunsc"), ""),
    ],
)
def test_gvisor_is_taken_where_it_is_listed(facts: DaemonFacts, found: str) -> None:
    """With "gvisor" a listed one is asked for, else the daemon's own choice; with "runc" always that."""
    assert find_gvisor(facts) == found
    assert oci_runtime(facts, "gvisor") == found
    assert oci_runtime(facts, "runc") == ""


def test_required_gvisor_fails_closed() -> None:
    """Where gVisor is required and not listed nothing starts, and the hint says what to do."""
    assert oci_runtime(_facts("runsc"), "require-gvisor") == "runsc"
    with pytest.raises(SandboxUnavailableError, match="gVisor is required") as caught:
        oci_runtime(_facts("runc"), "require-gvisor")
    assert "runsc install" in caught.value.hint


def test_what_is_in_force_is_said() -> None:
    """The words name the engine, the OCI runtime and whose kernel it is."""
    assert describe(_facts("runc"), "") == "Docker container, runc, shared kernel, no network"
    assert describe(_facts("runsc"), "runsc") == "Docker container, runsc, its own kernel, no network"
    assert describe(_facts(is_podman=True, default="crun"), "").startswith("Podman container, crun, shared")


@pytest.fixture
async def gvisor() -> AsyncIterator[Kernel]:
    """A kernel that must run in gVisor, where the daemon has it."""
    if shutil.which("runsc") is None:
        pytest.skip("runsc is not installed; apt install runsc and add it to the daemon's runtimes")
    client = DockerClient("")
    facts = await client.connect()
    await client.close()
    if not find_gvisor(facts):
        pytest.skip("the Docker daemon does not list runsc; start it with --add-runtime runsc=PATH")
    await require_image("docker")
    kernel = Kernel("docker", isolation="require-gvisor")
    try:
        yield kernel
    finally:
        await kernel.stop()


@pytest.mark.docker
@pytest.mark.timeout(600)
async def test_a_kernel_runs_in_gvisor(gvisor: Kernel) -> None:
    """The kernel computes over a kernel of its own, its files go in and out, and it says where it is."""
    await gvisor.start()
    assert gvisor.provisioner.isolation == "Docker container, runsc, its own kernel, no network"
    assert await gvisor.out("1 + 1", 60) == "2"
    assert await gvisor.out("import os; print(os.uname().release)", 60) != os.uname().release
    await gvisor.provisioner.files.write_file("in.txt", b"hello")
    assert await gvisor.out("print(open('in.txt').read())", 60) == "hello"
    assert (await gvisor.provisioner.files.list_files()).files[0].path == "in.txt"


@pytest.mark.docker
@pytest.mark.timeout(600)
async def test_without_gvisor_a_requirement_starts_nothing() -> None:
    """On a daemon that lists none the status says why, and there is no container."""
    client = DockerClient("")
    facts = await client.connect()
    await client.close()
    if find_gvisor(facts):
        pytest.skip("this daemon lists gVisor")
    config = SandboxConfig.model_validate({"runtime": "docker", "limits": LIMITS.model_dump()})
    (runtime,) = make_runtimes(config)
    status = await runtime.status("python", "require-gvisor")
    await runtime.close()
    assert not status.available
    assert "gVisor is required" in status.reason
    kernel = Kernel("docker", isolation="require-gvisor")
    with pytest.raises(SandboxUnavailableError, match="gVisor is required"):
        await kernel.start()
    await kernel.stop()
