"""Sandboxes in containers of a Docker or Podman daemon."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

from gptoss_lab.errors import SandboxError, SandboxUnavailableError, StorageError
from gptoss_lab.sandbox import reaper
from gptoss_lab.sandbox.additions import Additions
from gptoss_lab.sandbox.build_lock import only_builder
from gptoss_lab.sandbox.docker_archive import load_image, read_archive, save_image
from gptoss_lab.sandbox.docker_client import DaemonRefusal, DockerClient
from gptoss_lab.sandbox.docker_images import DockerImages
from gptoss_lab.sandbox.docker_isolation import describe, describe_seccomp, is_gvisor, oci_runtime
from gptoss_lab.sandbox.docker_library import DockerLibraries
from gptoss_lab.sandbox.docker_sandbox import DockerSandbox
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.sandbox.runtime import LaunchSpec, Report, Wish
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage, SandboxStatus
from gptoss_lab.schemas.sandboxes import Isolation

LOG = logging.getLogger(__name__)
START_WITHIN_S = 600.0


class DockerRuntime:
    """A `Runtime` over one daemon.

    Args:
        host: The daemon's address; the usual ones when empty.
        folder: Keeps the sources of the images' packages.
        additions: What was added to the images.
    """

    name: RuntimeName = "docker"

    def __init__(self, host: str, folder: Path, additions: Additions | None = None) -> None:
        self._client = DockerClient(host)
        self._images = DockerImages(self._client)
        self._additions = additions or Additions(folder / "additions.json")
        self._folder = folder
        self._libraries = DockerLibraries(self._client, folder)

    async def status(self, language: Language, isolation: Isolation = "gvisor") -> SandboxStatus:
        """Say whether the daemon answers, isolates as asked and has the image; never raises for either."""
        try:
            facts = await self._client.connect()
            oci = oci_runtime(facts, isolation)
            image = await self.find_image(language)
        except (SandboxError, StorageError) as error:
            return SandboxStatus(available=False, runtime=self.name, reason=error.message, hint=error.hint)
        return SandboxStatus(
            available=True,
            runtime=self.name,
            isolation=describe(facts, oci),
            image=image.tag if image else "",
            image_ready=image is not None,
            version=facts.version,
            seccomp=describe_seccomp(facts, oci),
            gvisor=is_gvisor(facts, oci),
            data="mount" if facts.is_local else "copy",
            reason="" if image else f"the image for {language} was not built",
            hint="" if image else f"Build it once with `jupyter gptoss sandbox build {language}`.",
        )

    async def find_image(self, language: Language) -> SandboxImage | None:
        """Return this version's image with what was added to it, if it was built.

        Raises:
            SandboxUnavailableError: The daemon does not answer.
        """
        stock = await self.find_stock(language)
        chosen = await asyncio.to_thread(self._additions.chosen, stock) if stock is not None else ""
        return stock if stock is None or chosen == stock.id else await self._images.get(chosen)

    async def find_stock(self, language: Language) -> SandboxImage | None:
        """Return this version's image, if it was built.

        Raises:
            SandboxUnavailableError: The daemon does not answer.
        """
        return await self._images.find(language)

    async def launch(self, spec: LaunchSpec) -> DockerSandbox:
        """Start a kernel in a new container; a failure leaves no container.

        Raises:
            SandboxUnavailableError: The daemon does not answer, or has no gVisor where it is required.
            ImageMissingError: The image is not there.
            SandboxError: It could not be started.
        """
        sandbox = DockerSandbox(self._client, spec)
        try:
            await sandbox.start()
        except BaseException as error:
            await asyncio.shield(sandbox.close())
            if isinstance(error, OSError):
                raise SandboxUnavailableError("The Docker daemon went away") from error
            raise
        return sandbox

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build the image; see `Runtime.build`.

        Raises:
            StorageError: Our data folder cannot be written.
        """
        await self._client.connect()
        async with only_builder(self._folder, report):
            return await self._images.build(language, report)

    async def extend(self, image: SandboxImage, wish: Wish, report: Report) -> SandboxImage:
        """Put packages on an image; see `Runtime.extend`.

        Raises:
            StorageError: Our data folder cannot be written.
        """
        await self._client.connect()
        async with only_builder(self._folder, report):
            return await self._images.extend(image, wish, report)

    async def mirror(self, kernel: KernelEnvironment, report: Report) -> SandboxImage:
        """Make an image of a kernel's packages; see `Runtime.mirror`."""
        await self._client.connect()
        async with only_builder(self._folder, report):
            return await self._images.mirror(kernel, report)

    async def images(self) -> list[SandboxImage]:
        """List our images, newest first."""
        return await self._images.list()

    async def remove_image(self, image_id: str) -> None:
        """Remove one of our images; see `Runtime.remove_image`."""
        await self._images.remove(image_id)

    async def save(self, image: SandboxImage, target: Path, *, force: bool) -> None:
        """Write an image to a file; see `Runtime.save`."""
        await save_image(self._client, image.tag, target, force=force)

    async def load(self, source: Path, report: Report) -> SandboxImage:
        """Take an image from a file; see `Runtime.load`.

        Raises:
            SandboxError: The daemon does not have what it loaded.
        """
        await self._client.connect()
        tag, _ = await asyncio.to_thread(read_archive, source)
        async with only_builder(self._folder, report):
            found = await self._images.get(tag)
            if found is None:
                await report(f"loading {tag}", 0, 0)
                found = await self._images.get(await load_image(self._client, source))
        if found is None:
            raise SandboxError(f"The daemon does not have {tag}, which it loaded")
        return found

    async def library_root(self, image: SandboxImage) -> Path | None:
        """Return a folder with the text of the image's packages, copied once."""
        return await self._libraries.root(image)

    async def reap(self) -> int:
        """Remove the containers of servers of ours that died, and those that never came to run or ended.

        A server that dies while it asks for a container gets one after its death: its lease is kept
        until a look finds nothing. What such a server left of which nobody knows any more is told by
        its state: a container is started within seconds of its creation, or never. One that has ended
        is there only where its daemon was away at its end, for each is removed by itself then.
        """
        removed = 0
        for owner in await asyncio.to_thread(reaper.dead_owners):
            left = await self._containers({"label": [f"{reaper.OWNER_LABEL}={owner}"]})
            for container in left:
                removed += await self._remove(str(container["Id"]))
            if not left:
                await asyncio.to_thread(reaper.forget, owner)
        never_ran = await self._containers({"label": [reaper.OWNER_LABEL], "status": ["created"]})
        for container in never_ran:
            if time.time() - float(container.get("Created") or time.time()) > START_WITHIN_S:
                removed += await self._remove(str(container["Id"]))
        own = f"{reaper.OWNER_LABEL}={reaper.own_lease().owner}"
        for container in await self._containers({"label": [own], "status": ["exited", "dead"]}):
            removed += await self._remove(str(container["Id"]))
        return removed

    async def close(self) -> None:
        """Release the connections to the daemon."""
        await self._client.close()

    async def _containers(self, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._client.call(
            lambda api: api.containers(all=True, filters=filters)
        )
        return rows

    async def _remove(self, container: str) -> int:
        try:
            await self._client.call(lambda api: api.remove_container(container, force=True, v=True))
        except DaemonRefusal as error:
            LOG.info("The daemon does not remove the container %.12s yet: %s", container, error)
            return 0
        return 1
