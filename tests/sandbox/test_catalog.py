"""Choosing a runtime, and saying why there is none."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import ImageMissingError, SandboxUnavailableError
from gptoss_lab.sandbox.catalog import choose_runtime, make_runtimes
from gptoss_lab.sandbox.runtime import Wish
from gptoss_lab.schemas.config import SandboxConfig
from tests.fakes.images import ImageRuntime
from tests.fakes.runtime import FakeRuntime
from tests.fakes.wheels import ignore


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("auto", ["docker", "bubblewrap"]),
        ("docker", ["docker"]),
        ("bubblewrap", ["bubblewrap"]),
        ("none", []),
    ],
)
def test_the_configuration_decides(name: str, made: list[str]) -> None:
    """A named runtime is the only one; "auto" prefers Docker."""
    config = SandboxConfig.model_validate({"runtime": name})
    assert [runtime.name for runtime in make_runtimes(config)] == made


async def test_the_first_that_answers_is_chosen() -> None:
    """Docker is taken when it answers, bubblewrap when it does not."""
    docker, bubblewrap = FakeRuntime("docker"), FakeRuntime("bubblewrap")
    chosen = await choose_runtime((docker, bubblewrap), "python")
    assert (chosen.runtime, chosen.status.runtime, chosen.image.id) == (docker, "docker", "sha256:fake")
    docker.available = False
    chosen = await choose_runtime((docker, bubblewrap), "python")
    assert (chosen.runtime, chosen.status.runtime) == (bubblewrap, "bubblewrap")


async def test_the_isolation_is_asked_for() -> None:
    """Each runtime is asked whether it can isolate as required."""
    docker = FakeRuntime("docker")
    await choose_runtime((docker,), "python", "require-gvisor")
    assert docker.isolations == ["require-gvisor"]


async def test_an_image_is_found_by_its_names() -> None:
    """A named image is taken by its id or its tag; another language's is refused, and none is fetched."""
    docker = FakeRuntime("docker")
    for name in ("sha256:fake", "fake:1"):
        assert (await choose_runtime((docker,), "python", image=name)).image.id == "sha256:fake"
    with pytest.raises(ImageMissingError, match="'fake:2' is no sandbox image here"):
        await choose_runtime((docker,), "python", image="fake:2")
    with pytest.raises(ImageMissingError, match="fake:1 is for python, not for r"):
        await choose_runtime((docker,), "r", image="fake:1")


async def test_a_named_image_runs_where_it_is() -> None:
    """The second runtime has it although the first answers; without that runtime it is not there."""
    docker, bubblewrap = ImageRuntime("docker"), ImageRuntime("bubblewrap")
    (stock,) = await bubblewrap.images()
    made = await bubblewrap.extend(stock, Wish(("emoji",)), ignore)
    chosen = await choose_runtime((docker, bubblewrap), "python", image=made.tag)
    assert (chosen.runtime, chosen.image, chosen.status.runtime) == (bubblewrap, made, "bubblewrap")
    bubblewrap.available = False
    with pytest.raises(ImageMissingError):
        await choose_runtime((docker, bubblewrap), "python", image=made.tag)


async def test_a_missing_image_is_not_passed_over() -> None:
    """A runtime that answers but has no image is named, not silently replaced."""
    runtimes = (FakeRuntime("docker", image_ready=False), FakeRuntime("bubblewrap"))
    with pytest.raises(ImageMissingError, match="docker sandbox has no image for python"):
        await choose_runtime(runtimes, "python")


async def test_every_reason_is_told() -> None:
    """When none answers the message has each reason and the hint what to do."""
    runtimes = (FakeRuntime("docker", available=False), FakeRuntime("bubblewrap", available=False))
    with pytest.raises(SandboxUnavailableError) as caught:
        await choose_runtime(runtimes, "python")
    assert "docker: the fake docker is off; bubblewrap: the fake bubblewrap is off" in caught.value.message
    assert caught.value.hint == "turn the fake on"


async def test_switched_off_is_said() -> None:
    """A server without sandboxes says so."""
    with pytest.raises(SandboxUnavailableError, match="switched off"):
        await choose_runtime((), "python")
