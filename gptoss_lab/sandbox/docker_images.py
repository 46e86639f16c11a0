"""Build, list and remove the images that Docker sandboxes run."""

from __future__ import annotations

import asyncio

from gptoss_lab.errors import ImageMissingError, NotFoundError, SandboxError
from gptoss_lab.sandbox.docker_base import find_or_make_base
from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_labels import LABEL, Origin, labels_of, read_image
from gptoss_lab.sandbox.docker_pip import read_settings
from gptoss_lab.sandbox.docker_steps import LAST_STEP, prepare
from gptoss_lab.sandbox.recipes import RECIPES, Recipe
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage


class DockerImages:
    """The images of one daemon that carry our labels."""

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        self._building = asyncio.Lock()

    async def find(self, language: Language) -> SandboxImage | None:
        """Return the image of this version's tag, if it was built."""
        tag = RECIPES[language].tag
        try:
            facts = await self._client.call(lambda api: api.inspect_image(tag))
        except ImageMissingError:
            return None
        return read_image(facts)

    async def list(self) -> list[SandboxImage]:
        """List our images, newest first."""
        found = await self._client.call(
            lambda api: [
                api.inspect_image(row["Id"]) for row in api.images(filters={"label": [f"{LABEL}.language"]})
            ]
        )
        return sorted(map(read_image, found), key=lambda image: image.built_at, reverse=True)

    async def remove(self, image_id: str) -> None:
        """Remove one of our images by its id or tag.

        Raises:
            NotFoundError: There is none, or it is not ours.
        """
        ours = next((image for image in await self.list() if image_id in {image.id, image.tag}), None)
        if ours is None:
            raise NotFoundError(f"There is no sandbox image {image_id}")
        await self._client.call(lambda api: api.remove_image(ours.id, force=True))

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build the image for `language`, or return the one that is there.

        Raises:
            SandboxError: A step failed; the message ends with the tool's last lines.
        """
        async with self._building:
            found = await self.find(language)
            if found is not None:
                await report(f"{found.tag} is built already", LAST_STEP, LAST_STEP)
                return found
            return await self._build(RECIPES[language], report)

    async def _build(self, recipe: Recipe, report: Report) -> SandboxImage:
        base = await find_or_make_base(self._client, recipe.system, lambda text: report(text, 0, LAST_STEP))
        await report(f"starting a builder from {base.tag}", 1, LAST_STEP)
        settings = await read_settings()
        async with Builder(self._client, base.id, settings) as builder:
            record = await prepare(builder, recipe, report)
            await report("writing the image", 5, LAST_STEP)
            origin = Origin(recipe.language, base, recipe.lock.sha256 if recipe.lock else "")
            await builder.commit(recipe.tag, recipe.path, labels_of(origin, record))
        image = await self.find(recipe.language)
        if image is None:
            raise SandboxError("The image was written, but the daemon does not have it")
        await report(f"{image.tag} is ready", LAST_STEP, LAST_STEP)
        return image
