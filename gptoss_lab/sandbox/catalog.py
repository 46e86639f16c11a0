"""Which runtimes there are, and which one a kernel starts in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.errors import ImageMissingError, SandboxUnavailableError
from gptoss_lab.folders import data_dir
from gptoss_lab.sandbox.bubblewrap_runtime import BubblewrapRuntime
from gptoss_lab.sandbox.docker_runtime import DockerRuntime
from gptoss_lab.sandbox.runtime import Runtime
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import SandboxImage, SandboxStatus
from gptoss_lab.schemas.sandboxes import Isolation


def make_runtimes(config: SandboxConfig) -> tuple[Runtime, ...]:
    """Return the runtimes that the configuration allows, the preferred one first.

    Raises:
        StorageError: Our data folder cannot be made.
    """
    runtimes: list[Runtime] = []
    if config.runtime in {"auto", "docker"}:
        runtimes.append(DockerRuntime(config.docker_host, data_dir() / "libraries"))
    if config.runtime in {"auto", "bubblewrap"}:
        runtimes.append(BubblewrapRuntime(data_dir() / "environments"))
    return tuple(runtimes)


@dataclass(frozen=True, slots=True)
class Choice:
    """A runtime, what it said of itself, and what is to run in it."""

    runtime: Runtime
    status: SandboxStatus
    image: SandboxImage


async def choose_runtime(
    runtimes: Sequence[Runtime], language: Language, isolation: Isolation = "gvisor", image: str = ""
) -> Choice:
    """Return the first runtime that can start a kernel for `language`, isolated as asked.

    There is no other fallback. An `image` is named by its id or tag; without one the newest is meant.

    Raises:
        SandboxUnavailableError: None can; the message has the reason of each.
        ImageMissingError: One answers, but the image is not there.
    """
    reasons: list[str] = []
    hints: list[str] = []
    for runtime in runtimes:
        status = await runtime.status(language, isolation)
        if status.available:
            found = await _find_image(runtime, language, image)
            if found is not None:
                return Choice(runtime, status, found)
            named = f"image {image[:100]}" if image else "image"
            raise ImageMissingError(
                f"The {runtime.name} sandbox has no {named} for {language}", hint=status.hint
            )
        reasons.append(f"{runtime.name}: {status.reason}")
        hints.append(status.hint)
    if not reasons:
        raise SandboxUnavailableError(
            "Sandboxes are switched off on this server", hint="Ask the administrator to allow a runtime."
        )
    raise SandboxUnavailableError(
        f"No sandbox can start a {language} kernel ({'; '.join(reasons)})",
        hint=" Or: ".join(dict.fromkeys(filter(None, hints))),
    )


async def _find_image(runtime: Runtime, language: Language, name: str) -> SandboxImage | None:
    if not name:
        return await runtime.find_image(language)
    ours = await runtime.images()
    return next(
        (image for image in ours if name in {image.id, image.tag} and image.language == language), None
    )
