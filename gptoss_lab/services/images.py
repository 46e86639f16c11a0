"""The images that sandboxes run: build, list, find, remove, and carry to another machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from gptoss_lab.errors import ConflictError, ImageMissingError, NotFoundError, SandboxUnavailableError
from gptoss_lab.sandbox.additions import Addition, Additions
from gptoss_lab.sandbox.archives import archive_runtime
from gptoss_lab.sandbox.image_names import outdated, pick
from gptoss_lab.sandbox.kernel_environment import read_kernel
from gptoss_lab.sandbox.runtime import Report, Runtime, Wish
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import SandboxImage, SandboxStatus

LANGUAGES: tuple[Language, ...] = ("python", "r")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, and what would have been but is in use."""

    removed: tuple[SandboxImage, ...]
    in_use: tuple[SandboxImage, ...]


class ImageService:
    """The images of every runtime of this machine.

    Args:
        config: The administrator's choices.
        runtimes: The ways to isolate a kernel, the preferred one first.
        additions: What was added to the images.
    """

    def __init__(self, *, config: SandboxConfig, runtimes: Sequence[Runtime], additions: Additions) -> None:
        self._denied = frozenset(map(canonicalize_name, config.packages_denied))
        self._runtimes = tuple(runtimes)
        self._additions = additions

    async def build(self, language: Language, report: Report, runtime: str = "") -> SandboxImage:
        """Build this version's image with a named runtime, or with the one that would run.

        What was added to an earlier version's is added to this one's too.

        Raises:
            SandboxUnavailableError: That runtime does not answer.
            SandboxError: The build failed.
            StorageError: The disk is full or not writable.
        """
        builder = await self.builder(language, runtime)
        stock = await builder.build(language, report)
        added = await asyncio.to_thread(self._additions.get, builder.name, language)
        if added is None:
            return stock
        current = await builder.find_image(language)
        if current is not None:
            return current
        await report(f"adding {', '.join(added.packages)} again", 0, 0)
        return await self.extend(stock, added.packages, report)

    async def extend(self, image: SandboxImage, packages: Sequence[str], report: Report) -> SandboxImage:
        """Put packages on an image; later starts run what comes of it, if they would have run the image.

        Raises:
            PackageRefusedError: A package is not to be had, is denied, or does not fit.
            SandboxError: The build failed.
            StorageError: The disk is full or not writable.
        """
        runtime = self.runtime(image)
        stock = await runtime.find_stock(image.language)
        current = await runtime.find_image(image.language)
        made = await runtime.extend(image, Wish(tuple(packages), self._denied), report)
        if stock is not None and image.id == (stock if current is None else current).id:
            addition = Addition(packages=made.added, stock=stock.tag, image=made.id)
            await asyncio.to_thread(self._additions.put, made.runtime, made.language, addition)
        return made

    async def mirror(self, kernel: str, report: Report, runtime: str = "") -> SandboxImage:
        """Make an image of the environment of a kernelspec, so that code is run in the person's versions.

        Raises:
            NotFoundError: There is no such kernelspec.
            RequestError: It is not a Python kernel of this machine, or too old.
            SandboxUnavailableError: No runtime answers.
            SandboxError: The build failed.
            StorageError: The disk is full or not writable.
        """
        builder = await self.builder("python", runtime)
        return await builder.mirror(await read_kernel(kernel), report)

    async def images(self) -> list[SandboxImage]:
        """List the images of every runtime that answers, each runtime's newest first."""
        found: list[SandboxImage] = []
        for runtime in self._runtimes:
            with contextlib.suppress(SandboxUnavailableError):
                found += await runtime.images()
        return found

    async def find(self, named: str) -> SandboxImage:
        """Return the image of an id, the beginning of an id, or a tag.

        Raises:
            NotFoundError: There is none, or several.
        """
        known = {image.id: image for image in (*await self.images(), *await self._current())}
        try:
            return pick(list(known.values()), named)
        except ImageMissingError as error:
            raise NotFoundError(error.message, hint=error.hint) from error

    async def newest(self, image: SandboxImage) -> SandboxImage:
        """Return the image that a start would run now, if it was made from this one; else this one."""
        current = await self.runtime(image).find_image(image.language)
        by_tag = {one.tag: one for one in await self.images() if one.runtime == image.runtime}
        found = current
        while found is not None and found.id != image.id:
            found = by_tag.get(found.parent)
        return image if current is None or found is None else current

    async def remove(self, named: str) -> SandboxImage:
        """Remove an image; later starts do without what was added by it.

        Raises:
            NotFoundError: There is none of that name.
            ConflictError: A sandbox runs in it, or another image is built on it.
        """
        image = await self.find(named)
        await self.runtime(image).remove_image(image.id)
        await asyncio.to_thread(self._additions.forget, image.id)
        return image

    async def save(self, named: str, target: Path, *, force: bool = False) -> SandboxImage:
        """Write an image to one file, for a machine without a network.

        Raises:
            NotFoundError: There is none of that name.
            RequestError: There is such a file and it is not to be replaced, or it cannot be carried.
            StorageError: The disk is full or not writable.
        """
        image = await self.find(named)
        await self.runtime(image).save(image, target, force=force)
        return image

    async def load(self, source: Path, report: Report) -> SandboxImage:
        """Take an image from a file that `save` wrote.

        Raises:
            RequestError: The file is not an image of ours, or not for this machine.
            SandboxUnavailableError: The runtime that it is for does not answer.
            StorageError: The disk is full or not writable.
        """
        name = await asyncio.to_thread(archive_runtime, source)
        for runtime in self._runtimes:
            if runtime.name == name:
                return await runtime.load(source, report)
        raise SandboxUnavailableError(
            f"{source} is for {name} sandboxes, which this server's configuration does not allow",
            hint="Ask the administrator to allow them.",
        )

    async def prune(self, *, dry_run: bool = False) -> Pruned:
        """Remove the images that are not this version's, unless they are in use."""
        removed: list[SandboxImage] = []
        in_use: list[SandboxImage] = []
        for image in outdated(await self.images(), await self._current()):
            if not dry_run:
                try:
                    await self.runtime(image).remove_image(image.id)
                except ConflictError:
                    in_use.append(image)
                    continue
            removed.append(image)
        return Pruned(tuple(removed), tuple(in_use))

    async def builder(self, language: Language, runtime: str = "") -> Runtime:
        """Return the named runtime, or the one that would run.

        Raises:
            SandboxUnavailableError: It does not answer.
        """
        refused: list[SandboxStatus] = []
        for candidate in self._runtimes:
            if runtime and candidate.name != runtime:
                continue
            status = await candidate.status(language)
            if status.available:
                return candidate
            refused.append(status)
        reasons = "; ".join(dict.fromkeys(status.reason for status in refused if status.reason))
        raise SandboxUnavailableError(
            f"No sandbox can be built here: {reasons or 'the configuration allows no such runtime'}",
            hint=" Or: ".join(dict.fromkeys(status.hint for status in refused if status.hint)),
        )

    def runtime(self, image: SandboxImage) -> Runtime:
        """Return the runtime that an image was listed by.

        Raises:
            NotFoundError: The configuration does not allow it.
        """
        for runtime in self._runtimes:
            if runtime.name == image.runtime:
                return runtime
        raise NotFoundError(f"There is no {image.runtime} sandbox here")

    async def _current(self) -> list[SandboxImage]:
        found: list[SandboxImage | None] = []
        for runtime in self._runtimes:
            with contextlib.suppress(SandboxUnavailableError):
                for language in LANGUAGES:
                    found += [await runtime.find_stock(language), await runtime.find_image(language)]
        return [image for image in found if image is not None]
