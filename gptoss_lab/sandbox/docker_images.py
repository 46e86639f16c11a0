"""Build, list and remove the images that Docker sandboxes run."""

from __future__ import annotations

import asyncio

from gptoss_lab.errors import ConflictError, ImageMissingError, NotFoundError, SandboxError
from gptoss_lab.sandbox.docker_base import find_or_make_base
from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.docker_client import DaemonRefusal, DockerClient
from gptoss_lab.sandbox.docker_labels import LABEL, Origin, labels_of, read_image
from gptoss_lab.sandbox.docker_layers import Layer, fetch_layer, layer_tag, write_layer
from gptoss_lab.sandbox.docker_mirror import copy_packages, find_mirror_base, mirror_origin, mirror_tag
from gptoss_lab.sandbox.docker_pip import read_settings
from gptoss_lab.sandbox.docker_steps import LAST_STEP, prepare, record
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.sandbox.recipes import RECIPES, Recipe
from gptoss_lab.sandbox.runtime import Report, Wish
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage

CONFLICT = 409


class DockerImages:
    """The images of one daemon that carry our labels."""

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        self._building = asyncio.Lock()

    async def find(self, language: Language) -> SandboxImage | None:
        """Return the image of this version's tag, if it was built."""
        return await self.get(RECIPES[language].tag)

    async def get(self, name: str) -> SandboxImage | None:
        """Return the image of that id or tag, if there is one and it is ours."""
        if not name:
            return None
        try:
            facts = await self._client.call(lambda api: api.inspect_image(name))
        except ImageMissingError:
            return None
        labels = (facts.get("Config") or {}).get("Labels") or {}
        return read_image(facts) if f"{LABEL}.language" in labels else None

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
            ConflictError: A sandbox runs in it, or another image is built on it.
            DaemonRefusal: The daemon will not, for another reason.
        """
        ours = await self.get(image_id)
        if ours is None:
            raise NotFoundError(f"There is no sandbox image {image_id}")
        try:
            await self._client.call(lambda api: api.remove_image(ours.id, force=True))
        except DaemonRefusal as refusal:
            if refusal.http_status != CONFLICT:
                raise
            raise ConflictError(
                f"The sandbox image {ours.tag} is in use",
                hint="End the sandboxes that run in it, or remove the image that was made from it.",
            ) from refusal

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build the image for `language`, or return the one that is there.

        Raises:
            SandboxError: A step failed; the message ends with the tool's last lines.
        """
        async with self._building:
            found = await self.find(language)
            if found is not None:
                await report(f"image {found.tag} is built already", LAST_STEP, LAST_STEP)
                return found
            return await self._build(RECIPES[language], report)

    async def extend(self, image: SandboxImage, wish: Wish, report: Report) -> SandboxImage:
        """Put a layer on an image; see `Runtime.extend`.

        Raises:
            PackageRefusedError: A package is not to be had, does not fit, or is there already.
            SandboxError: A step failed; the message ends with the tool's last lines.
        """
        async with self._building:
            await report(f"starting a builder from {image.tag}", 1, LAST_STEP)
            async with Builder(self._client, image.id, await read_settings()) as builder:
                lock, names = await fetch_layer(builder, image, wish, report)
                tag = layer_tag(image, lock)
                found = await self.get(tag)
                if found is None:
                    await write_layer(builder, Layer(image, lock, tuple(names), wish.packages), report)
                    found = await self.get(tag)
        if found is None:
            raise SandboxError("The image was written, but the daemon does not have it")
        await report(f"{tag} is ready", LAST_STEP, LAST_STEP)
        return found

    async def mirror(self, kernel: KernelEnvironment, report: Report) -> SandboxImage:
        """Make an image of a kernel's packages; see `Runtime.mirror`.

        Raises:
            SandboxError: A step failed; the message ends with the tool's last lines.
        """
        async with self._building:
            base = await find_mirror_base(self._client, kernel, report)
            await report(f"starting a builder from {base.tag}", 1, LAST_STEP)
            async with Builder(self._client, base.id, await read_settings()) as builder:
                copy = await copy_packages(builder, kernel, report)
                found = await record(builder, "python", report)
                await report("writing the image", 5, LAST_STEP)
                tag = mirror_tag(base, copy.lock)
                labels = labels_of(mirror_origin(base, kernel, copy), found)
                await builder.commit(tag, RECIPES["python"].path, labels)
        image = await self.get(tag)
        if image is None:
            raise SandboxError("The image was written, but the daemon does not have it")
        return image

    async def _build(self, recipe: Recipe, report: Report) -> SandboxImage:
        base = await find_or_make_base(self._client, recipe.system, lambda text: report(text, 0, LAST_STEP))
        await report(f"starting a builder from {base.tag}", 1, LAST_STEP)
        settings = await read_settings()
        async with Builder(self._client, base.id, settings) as builder:
            found = await prepare(builder, recipe, report)
            await report("writing the image", 5, LAST_STEP)
            origin = Origin(recipe.language, base, recipe.lock.sha256 if recipe.lock else "")
            await builder.commit(recipe.tag, recipe.path, labels_of(origin, found))
        image = await self.find(recipe.language)
        if image is None:
            raise SandboxError("The image was written, but the daemon does not have it")
        await report(f"{image.tag} is ready", LAST_STEP, LAST_STEP)
        return image
