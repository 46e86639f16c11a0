"""An image like a kernel's environment: what the builder is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.docker_base import Base
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_mirror import (
    KERNEL_FETCHED,
    copy_packages,
    find_mirror_base,
    mirror_origin,
    mirror_tag,
)
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.wheel_fetch import RESULT
from tests.fakes.wheels import ignore
from tests.sandbox.test_docker_layers import Answering

BASE = Base(id="sha256:ba5e", tag="python:3.12-slim-bookworm")


def kernel(python: str = "python3.12", **packages: str) -> KernelEnvironment:
    """Return a kernel's environment, with one package of which only its folder has the source."""
    return KernelEnvironment(
        name="mine",
        executable="/env/bin/python",
        python=python,
        version="3.12.1",
        prefix=Path("/usr"),
        libdir="lib",
        folders=(Path("/env/lib"),),
        packages={**packages, "mylib": "0.1"},
        local=("mylib",),
        editable=("mylib",),
    )


def fetched(*names: str, missing: tuple[str, ...] = ()) -> str:
    """Return what the fetching program would say."""
    wheels = [{"name": name, "version": "1.0", "sha256": "00"} for name in names]
    return RESULT + json.dumps({"wheels": wheels, "missing": missing})


async def test_exact_versions_are_copied_and_the_rest_is_named() -> None:
    """What is local is not sought; what has no wheel is left out; the lock is of what was found."""
    answer = fetched("ipykernel", "numpy", missing=("rare==3.0",))
    builder = Answering({"wheel": answer, "test -x": "0"})
    copy = await copy_packages(builder, kernel(ipykernel="1.0", numpy="1.0", rare="3.0"), ignore)
    asked = json.loads(next(command for command in builder.commands if "-I" in command)[-1])
    assert (asked["exact"], asked["packages"]) == (True, ["ipykernel==1.0", "numpy==1.0", "rare==3.0"])
    assert copy.left_out == ("mylib", "rare==3.0")
    assert [name for name, _ in copy.lock.pins] == ["ipykernel", "numpy"]
    origin = mirror_origin(BASE, kernel(), copy)
    assert (origin.kernel, origin.left_out, origin.lock_sha256) == ("mine", copy.left_out, copy.lock.sha256)


async def test_a_missing_ipykernel_is_added() -> None:
    """Resolved against what was copied, which keeps its versions."""
    builder = Answering({KERNEL_FETCHED: fetched("ipykernel"), "wheel": fetched("numpy"), "test -x": "0"})
    copy = await copy_packages(builder, kernel(numpy="1.0"), ignore)
    assert [name for name, _ in copy.lock.pins] == ["numpy", "ipykernel"]
    asked = [json.loads(command[-1]) for command in builder.commands if "-I" in command][-1]
    assert (asked["packages"], asked["constraints"]) == (["ipykernel"], ["numpy==1.0"])


def test_the_name_follows_the_content() -> None:
    """Another lock or another base is another image."""
    first = mirror_tag(BASE, Lock("a==1\n"))
    assert first == mirror_tag(BASE, Lock("a==1\n"))
    assert len({first, mirror_tag(BASE, Lock("a==2\n")), mirror_tag(Base("x", "y"), Lock("a==1\n"))}) == 3


@pytest.mark.docker
async def test_a_python_that_is_not_to_be_had_is_told() -> None:
    """With the image that would do, and the way without one."""
    client = DockerClient("")
    try:
        with pytest.raises(SandboxError, match=r"no base image with Python 3\.99") as caught:
            await find_mirror_base(client, kernel("python3.99"), ignore)
    finally:
        await client.close()
    assert "python:3.99-slim-bookworm" in caught.value.hint
    assert "bubblewrap" in caught.value.hint
