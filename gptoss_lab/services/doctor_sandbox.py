"""A look at the sandboxes: whether cells are run, and in which environments."""

from __future__ import annotations

from typing import Protocol

from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.diagnosis import Check
from gptoss_lab.schemas.execution import SandboxImage, SandboxStatus


class Sandboxes(Protocol):
    """What a look at the sandboxes needs."""

    async def status(self, language: Language = "python") -> SandboxStatus:
        """Say whether cells can be run."""

    async def images(self) -> list[SandboxImage]:
        """List what was built."""


def sandbox_check(status: SandboxStatus, language: Language = "python") -> Check:
    """Say whether cells of a language are run."""
    name = "sandbox" if language == "python" else "sandbox for R"
    if not status.available:
        fix = status.hint or "Start Docker or Podman, or install bubblewrap."
        return Check(name=name, status="warn", detail=f"cells are not run: {status.reason}", fix=fix)
    detail = f"{status.runtime} {status.version}, {status.isolation}".rstrip(", ")
    if not status.image_ready:
        fix = status.hint or f"Run `jupyter gptoss sandbox build {language}`."
        return Check(name=name, status="warn", detail=f"{detail}; its image is not built", fix=fix)
    return Check(name=name, status="ok", detail=detail)


async def images_check(execution: Sandboxes) -> Check:
    """List the environments that were built."""
    try:
        images = await execution.images()
    except SandboxError as error:
        return Check(name="sandbox images", status="warn", detail=error.message, fix=error.hint)
    if not images:
        fix = "Run `jupyter gptoss sandbox build python`."
        return Check(name="sandbox images", status="warn", detail="none was built", fix=fix)
    listed = "; ".join(f"{one.tag} ({one.runtime}, {one.size_bytes >> 20} MB)" for one in images)
    return Check(name="sandbox images", status="ok", detail=listed)
