"""A runtime in memory whose images are built, added to and removed as the real ones are."""

from __future__ import annotations

from gptoss_lab.errors import ConflictError, PackageRefusedError, SandboxUnavailableError
from gptoss_lab.sandbox.additions import Additions
from gptoss_lab.sandbox.runtime import Report, Wish
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage
from tests.fakes.runtime import FakeRuntime


class ImageRuntime(FakeRuntime):
    """Remembers wishes. `busy` images are in use; `unknown` packages are not to be had."""

    def __init__(
        self,
        name: RuntimeName = "docker",
        *,
        available: bool = True,
        image_ready: bool = True,
        additions: Additions | None = None,
    ) -> None:
        super().__init__(name, available=available, image_ready=image_ready)
        self.additions = additions
        self.wishes: list[Wish] = []
        self.busy: set[str] = set()
        self.unknown: set[str] = set()

    def renew(self, tag: str) -> None:
        """Let another version have been built."""
        self._images.insert(
            0, SandboxImage(id=f"sha256:{tag}", runtime=self.name, language="python", tag=tag)
        )

    async def find_image(self, language: Language) -> SandboxImage | None:
        """Return what was added to, where that is remembered."""
        stock = await self.find_stock(language)
        if stock is None or self.additions is None:
            return stock
        chosen = self.additions.chosen(stock)
        return next((image for image in self._images if image.id == chosen), None)

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build, unless it is there."""
        return await self.find_stock(language) or await super().build(language, report)

    async def extend(self, image: SandboxImage, wish: Wish, report: Report) -> SandboxImage:
        """Add, if the packages are to be had."""
        self.wishes.append(wish)
        for package in wish.packages:
            if package in self.unknown:
                raise PackageRefusedError(f"The index has no package {package}", package=package)
        return await super().extend(image, wish, report)

    async def images(self) -> list[SandboxImage]:
        """List them, if anyone answers."""
        if not self.available:
            raise SandboxUnavailableError(f"The fake {self.name} is off")
        return await super().images()

    async def remove_image(self, image_id: str) -> None:
        """Remove one that is not in use."""
        if image_id in self.busy:
            raise ConflictError(f"The image {image_id} is in use")
        await super().remove_image(image_id)
