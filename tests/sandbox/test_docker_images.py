"""Building and listing images with a real daemon; the slow steps are done once and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.errors import NotFoundError, SandboxError
from gptoss_lab.sandbox.docker_builder import BUILDER_LABEL, Builder
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_images import DockerImages
from gptoss_lab.sandbox.docker_pip import PipSettings
from gptoss_lab.sandbox.reaper import OWNER_LABEL, own_lease
from gptoss_lab.sandbox.recipes import RECIPES
from tests.sandbox.conformance import require_image

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


@pytest.fixture
async def client() -> AsyncIterator[DockerClient]:
    """A client of the machine's daemon, with the image built."""
    await require_image("docker")
    client = DockerClient("")
    yield client
    await client.close()


async def _builders(client: DockerClient) -> int:
    labels = [BUILDER_LABEL, f"{OWNER_LABEL}={own_lease().owner}"]
    rows = await client.call(lambda api: api.containers(all=True, filters={"label": labels}))
    return len(rows)


async def _quiet(_text: str, _done: int = 0, _total: int = 0) -> None:
    return


async def test_a_second_build_does_nothing(client: DockerClient) -> None:
    """With the image there a build returns it and says so."""
    said: list[str] = []

    async def report(text: str, _done: int, _total: int) -> None:
        said.append(text)

    image = await DockerImages(client).build("python", report)
    assert said == [f"image {image.tag} is built already"]
    assert image.tag == RECIPES["python"].tag
    assert image.id.startswith("sha256:")
    assert {"ipykernel", "pandas", "scikit-learn"} <= set(image.packages)
    assert image.size_bytes > 0
    assert image.built_at


async def test_our_images_are_listed(client: DockerClient) -> None:
    """The list has our image and no other image of the daemon."""
    tags = [image.tag for image in await DockerImages(client).list()]
    assert RECIPES["python"].tag in tags
    assert RECIPES["python"].system.local_tag not in tags


async def test_images_of_others_are_not_removed(client: DockerClient) -> None:
    """Only an image with our labels can be removed."""
    for name in (RECIPES["python"].system.local_tag, "sha256:0000", ""):
        with pytest.raises(NotFoundError):
            await DockerImages(client).remove(name)


async def test_no_secret_stays_in_the_image(client: DockerClient) -> None:
    """The image carries neither the build's settings nor a certificate."""
    facts = await client.call(lambda api: api.inspect_image(RECIPES["python"].tag))
    assert not [entry for entry in facts["Config"]["Env"] or [] if entry.startswith(("PIP_", "SSL_", "http"))]


async def test_a_failed_step_tells_its_last_lines(client: DockerClient) -> None:
    """A package that does not exist fails the build with pip's words, and leaves no container."""
    image = await DockerImages(client).find("python")
    assert image is not None
    async with Builder(client, image.id, PipSettings()) as builder:
        assert await _builders(client) == 1
        with pytest.raises(SandboxError, match="failed with status 3:\nlast words") as caught:
            await builder.run(["/bin/sh", "-c", "echo last words to https://me:secret@index/; exit 3"])
        assert "secret" not in caught.value.message
    await _gone(client)


async def test_a_cancelled_build_leaves_no_container(client: DockerClient) -> None:
    """Stopping in the middle of a step removes the builder."""
    image = await DockerImages(client).find("python")
    assert image is not None
    running = asyncio.Event()

    async def build(image_id: str) -> None:
        async with Builder(client, image_id, PipSettings()) as builder:
            running.set()
            await builder.run(["sleep", "600"], _quiet)

    task = asyncio.create_task(build(image.id))
    await asyncio.wait_for(running.wait(), 30)
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _gone(client)


async def _gone(client: DockerClient) -> None:
    for _ in range(50):
        if await _builders(client) == 0:
            return
        await asyncio.sleep(0.1)
    pytest.fail("a builder is left")
