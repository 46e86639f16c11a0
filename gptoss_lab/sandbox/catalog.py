"""Which runtimes there are, and which one a kernel starts in."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.errors import ImageMissingError, SandboxUnavailableError
from gptoss_lab.folders import data_dir
from gptoss_lab.sandbox.bubblewrap_runtime import BubblewrapRuntime
from gptoss_lab.sandbox.docker_runtime import DockerRuntime
from gptoss_lab.sandbox.runtime import Runtime
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import SandboxStatus


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


async def choose_runtime(runtimes: Sequence[Runtime], language: Language) -> tuple[Runtime, SandboxStatus]:
    """Return the first runtime that can start a kernel for `language`, and what it said of itself.

    There is no other fallback.

    Raises:
        SandboxUnavailableError: None can; the message has the reason of each.
        ImageMissingError: One answers, but its image was not built.
    """
    reasons: list[str] = []
    hints: list[str] = []
    for runtime in runtimes:
        status = await runtime.status(language)
        if status.available and status.image_ready:
            return runtime, status
        if status.available:
            raise ImageMissingError(
                f"The {runtime.name} sandbox has no image for {language}", hint=status.hint
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
