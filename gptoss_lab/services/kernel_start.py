"""Start a kernel in a fresh sandbox, or say why none starts."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets import TraitError
from traitlets.config import Config

from gptoss_lab.errors import SandboxError
from gptoss_lab.folders import run_dir
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.schemas.sandboxes import SandboxPurpose
from gptoss_lab.services.kernel_session import READY_TIMEOUT_S, KernelSession
from gptoss_lab.services.kernel_specs import kernel_stanza
from gptoss_lab.services.owners import OWNER

KERNELS: dict[Language, str] = {"python": "gptoss-python", "r": "gptoss-r"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sandbox to start. `image` is the id of an image of ours; the newest one when empty.

    `owner` sees it in the list of sandboxes, by default whoever the running job works for. `sandbox`
    is its id; a new one when empty. `data` are the absolute paths that a person agreed to show it.
    """

    kernel: str
    limits: LimitOverrides
    image: str = ""
    purpose: SandboxPurpose = "verify"
    owner: str = field(default_factory=OWNER.get)
    sandbox: str = ""
    data: tuple[str, ...] = ()


async def start_session(wanted: Wanted, config: SandboxConfig) -> KernelSession:
    """Start a kernel in a fresh sandbox.

    Args:
        wanted: What to start; it only narrows the configuration.
        config: What the provisioner may do.

    Raises:
        PolicyError: The kernelspec is not one of a sandbox.
        ImageMissingError: The kernelspec or the image is not here.
        SandboxError: The kernel did not start.
    """
    await asyncio.to_thread(sandbox_language, wanted.kernel)
    manager = AsyncKernelManager(
        kernel_name=wanted.kernel,
        connection_file=str(run_dir() / f"kernel-{uuid.uuid4()}.json"),
        config=Config({"GptossLabApp": {"sandbox": config.model_dump()}}),
    )
    session = KernelSession(manager)
    started = False
    try:
        await session.start(**_asked(wanted))
        started = True
    except asyncio.TimeoutError as error:
        raise SandboxError(f"The kernel did not answer within {READY_TIMEOUT_S:.0f} s") from error
    except (RuntimeError, OSError, ImportError, TraitError) as error:
        raise SandboxError(f"The sandbox kernel {manager.kernel_name} did not start: {error}") from error
    finally:
        if not started:
            await session.close()
    return session


def sandbox_language(name: str) -> Language:
    """Return the language of a kernel, if it is a sandbox's. This reads the disk: call it in a thread.

    Raises:
        ImageMissingError: There is no such kernel.
        PolicyError: It does not run in a sandbox.
    """
    return "r" if kernel_stanza(name).get("language") == "r" else "python"


def _asked(wanted: Wanted) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "gptoss_limits": wanted.limits.model_dump(exclude_none=True),
        "gptoss_purpose": wanted.purpose,
        "gptoss_owner": wanted.owner,
        "gptoss_data": wanted.data,
    }
    if wanted.sandbox:
        asked["kernel_id"] = wanted.sandbox
    return {**asked, "gptoss_image": wanted.image} if wanted.image else asked
