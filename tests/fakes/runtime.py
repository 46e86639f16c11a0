"""A sandbox runtime in memory: nothing is isolated because nothing runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from gptoss_lab.errors import ImageMissingError, NotFoundError, PackageRefusedError
from gptoss_lab.sandbox.agent.mux import DATA, HEADER
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.sandbox.runtime import Exit, LaunchSpec, Report, ResourceUsage, Wish
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage, SandboxStatus
from gptoss_lab.schemas.sandboxes import Isolation

Answer = Callable[[int, bytes], bytes | None]
"""Given a connection and what came in on it, what goes out on it."""


class FakeSandbox:
    """A sandbox whose relay stream is in the test's hands.

    `frames` holds what was written into it as (connection, operation, length, payload).
    """

    def __init__(
        self, sandbox_id: str = "fake", image_id: str = "image", answer: Answer | None = None
    ) -> None:
        self.id = sandbox_id
        self.image_id = image_id
        self.reader = asyncio.StreamReader()
        self.frames: list[tuple[int, int, int, bytes]] = []
        self.signals: list[int] = []
        self.closed = False
        self.copies_data = False
        self.figures = ResourceUsage(memory_bytes=1, peak_memory_bytes=2, cpu_s=0.5, pids=3)
        self._answer = answer
        self._received = bytearray()
        self._exit: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self._wrote = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._exit.done()

    def say(self, data: bytes) -> None:
        """Put bytes on the stream, as the inside would while it lives."""
        if not self.ended:
            self.reader.feed_data(data)

    def end(self, exit_: Exit) -> None:
        """End as the kernel would."""
        if not self._exit.done():
            self._exit.set_result(exit_)
            self.reader.feed_eof()

    async def until_frames(self, count: int) -> list[tuple[int, int, int, bytes]]:
        """Wait until `count` frames were written."""
        while len(self.frames) < count:
            self._wrote.clear()
            await asyncio.wait_for(self._wrote.wait(), 5)
        return self.frames

    async def write(self, data: bytes) -> None:
        """Take relay bytes; answer data frames where there is an answer."""
        if self.ended:
            raise BrokenPipeError("the sandbox has ended")
        self._received += data
        while len(self._received) >= HEADER.size:
            connection, operation, length = HEADER.unpack_from(self._received)
            size = HEADER.size + (length if operation == DATA else 0)
            if len(self._received) < size:
                return
            payload = bytes(self._received[HEADER.size : size])
            del self._received[:size]
            self.frames.append((connection, operation, length, payload))
            self._wrote.set()
            reply = self._answer(connection, payload) if self._answer and operation == DATA else None
            if reply is not None:
                self.say(HEADER.pack(connection, DATA, len(reply)) + reply)

    async def wait(self) -> Exit:
        """Return how it ended."""
        return await asyncio.shield(self._exit)

    async def signal(self, signum: int) -> None:
        """Remember the signal."""
        if not self.ended:
            self.signals.append(signum)

    async def kill(self) -> None:
        """End as if by SIGKILL."""
        self.end(Exit(code=137, reason="killed"))

    async def usage(self) -> ResourceUsage:
        """Return `figures`."""
        return self.figures

    async def close(self) -> None:
        """End and remember it."""
        await self.kill()
        self.closed = True


class FakeRuntime:
    """A runtime that launches `FakeSandbox`es and keeps them in `launched`."""

    def __init__(
        self,
        name: RuntimeName = "docker",
        *,
        available: bool = True,
        image_ready: bool = True,
        answer: Answer | None = None,
    ) -> None:
        self.name: RuntimeName = name
        self.available = available
        self.launched: list[FakeSandbox] = []
        self.specs: list[LaunchSpec] = []
        self.closed = False
        self.isolations: list[Isolation] = []
        self._answer = answer
        self._images: list[SandboxImage] = []
        if image_ready:
            self._images.append(SandboxImage(id="sha256:fake", runtime=name, language="python", tag="fake:1"))

    async def status(self, language: Language, isolation: Isolation = "gvisor") -> SandboxStatus:
        """Say what the constructor was told; keep what was asked."""
        self.isolations.append(isolation)
        image = await self.find_image(language)
        return SandboxStatus(
            available=self.available,
            runtime=self.name,
            isolation="none, a fake",
            image=image.tag if image else "",
            image_ready=image is not None,
            reason="" if self.available else f"the fake {self.name} is off",
            hint="" if self.available else "turn the fake on",
        )

    async def find_image(self, language: Language) -> SandboxImage | None:
        """Return the last that was made of the stock image, else that."""
        made = [image for image in self._images if image.language == language]
        return made[0] if made else None

    async def find_stock(self, language: Language) -> SandboxImage | None:
        """Return the first image for the language that nothing was added to."""
        stock = [image for image in self._images if image.language == language and not image.added]
        return stock[0] if stock else None

    async def launch(self, spec: LaunchSpec) -> FakeSandbox:
        """Start a fake sandbox."""
        if all(image.id != spec.image_id for image in self._images):
            raise ImageMissingError(f"There is no image {spec.image_id}")
        sandbox = FakeSandbox(spec.sandbox_id, spec.image_id, self._answer)
        self.specs.append(spec)
        self.launched.append(sandbox)
        return sandbox

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Add an image at once."""
        await report("building nothing", 1, 1)
        image = SandboxImage(
            id=f"sha256:{language}", runtime=self.name, language=language, tag=f"fake:{language}"
        )
        self._images.insert(0, image)
        return image

    async def extend(self, image: SandboxImage, wish: Wish, report: Report) -> SandboxImage:
        """Add an image at once; a package `missing` is not to be had."""
        packages = wish.packages
        if "missing" in packages:
            raise PackageRefusedError("The index has no package missing", package="missing")
        await report("adding nothing", 1, 1)
        name = "+".join(packages)
        made = image.model_copy(
            update={
                "id": f"{image.id}+{name}",
                "tag": f"{image.tag}+{name}",
                "parent": image.tag,
                "added": (*image.added, *packages),
                "packages": {**image.packages, **dict.fromkeys(packages, "1.0")},
            }
        )
        self._images.insert(0, made)
        return made

    async def mirror(self, kernel: KernelEnvironment, report: Report) -> SandboxImage:
        """Add an image that is like the kernel's environment."""
        await report("mirroring", 1, 1)
        image = SandboxImage(
            id=f"sha256:{kernel.name}",
            runtime=self.name,
            language="python",
            tag=f"fake:{kernel.name}",
            kernel=kernel.name,
            packages=kernel.packages,
            left_out=kernel.editable,
        )
        self._images.append(image)
        return image

    async def images(self) -> list[SandboxImage]:
        """List the images."""
        return list(self._images)

    async def remove_image(self, image_id: str) -> None:
        """Remove an image."""
        kept = [image for image in self._images if image.id != image_id]
        if len(kept) == len(self._images):
            raise NotFoundError(f"There is no image {image_id}")
        self._images = kept

    async def save(self, image: SandboxImage, target: Path, *, force: bool) -> None:
        """Write the description."""
        del force
        await asyncio.to_thread(target.write_text, image.model_dump_json(), encoding="utf-8")

    async def load(self, source: Path, report: Report) -> SandboxImage:
        """Read it."""
        await report("reading", 1, 1)
        image = SandboxImage.model_validate_json(await asyncio.to_thread(source.read_bytes))
        self._images.append(image)
        return image

    async def library_root(self, image: SandboxImage) -> Path | None:
        """Say that there is none."""
        del image
        return None

    async def reap(self) -> int:
        """Find nothing."""
        return 0

    async def close(self) -> None:
        """Remember it."""
        self.closed = True
