"""Which runtimes there are, and which one a kernel starts in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.errors import ImageMissingError, SandboxUnavailableError
from gptoss_lab.folders import data_dir
from gptoss_lab.sandbox.additions import Additions
from gptoss_lab.sandbox.bubblewrap_runtime import BubblewrapRuntime
from gptoss_lab.sandbox.docker_runtime import DockerRuntime
from gptoss_lab.sandbox.image_names import pick
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
    additions = find_additions()
    runtimes: list[Runtime] = []
    if config.runtime in {"auto", "docker"}:
        runtimes.append(DockerRuntime(config.docker_host, data_dir() / "libraries", additions))
    if config.runtime in {"auto", "bubblewrap"}:
        runtimes.append(BubblewrapRuntime(data_dir() / "environments", additions))
    return tuple(runtimes)


def find_additions() -> Additions:
    """Return what was added to the environments of this person.

    Raises:
        StorageError: Our data folder cannot be made.
    """
    return Additions(data_dir() / "additions.json")


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

    There is no other fallback. An `image` is named by its id, the beginning of that, or its tag, and
    runs in the runtime that has it; without one this version's is meant. None is ever fetched.

    Raises:
        SandboxUnavailableError: None can; the message has the reason of each.
        ImageMissingError: One answers, but the image is not there.
    """
    reasons: list[str] = []
    hints: list[str] = []
    able: list[tuple[Runtime, SandboxStatus]] = []
    for runtime in runtimes:
        status = await runtime.status(language, isolation)
        if status.available and not image:
            found = await runtime.find_image(language)
            if found is not None:
                return Choice(runtime, status, found)
            raise ImageMissingError(
                f"The {runtime.name} sandbox has no image for {language}", hint=status.hint
            )
        if status.available:
            able.append((runtime, status))
            continue
        reasons.append(f"{runtime.name}: {status.reason}")
        hints.append(status.hint)
    if able:
        return await _choose_image(able, language, image)
    if not reasons:
        raise SandboxUnavailableError(
            "Sandboxes are switched off on this server", hint="Ask the administrator to allow a runtime."
        )
    raise SandboxUnavailableError(
        f"No sandbox can start a {language} kernel ({'; '.join(reasons)})",
        hint=" Or: ".join(dict.fromkeys(filter(None, hints))),
    )


async def _choose_image(able: list[tuple[Runtime, SandboxStatus]], language: Language, name: str) -> Choice:
    """Return the image of that name with its runtime.

    Raises:
        ImageMissingError: None has it, or it is for another language.
    """
    known: dict[str, SandboxImage] = {}
    for runtime, _ in able:
        current = await runtime.find_image(language)
        listed = await runtime.images()
        known |= {image.id: image for image in (*listed, *((current,) if current is not None else ()))}
    image = pick(list(known.values()), name)
    if image.language != language:
        raise ImageMissingError(
            f"The sandbox image {image.tag} is for {image.language}, not for {language}",
            hint="`jupyter gptoss sandbox list` shows the images and their languages.",
        )
    runtime, status = next(pair for pair in able if pair[0].name == image.runtime)
    return Choice(runtime, status, image)
