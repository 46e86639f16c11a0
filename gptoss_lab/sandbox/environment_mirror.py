"""A person's own environment as a sandbox's: nothing of it is copied, it is mounted read-only."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

from packaging.utils import canonicalize_name
from pydantic import ValidationError

from gptoss_lab.errors import ImageMissingError
from gptoss_lab.sandbox.bubblewrap_interpreter import Interpreter, inner_prefix
from gptoss_lab.sandbox.environment_install import fetch_wheels, install_wheels
from gptoss_lab.sandbox.environments import PACKAGES, Environments
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment, fingerprint
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.sandbox.wheels import WheelOrder
from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import SandboxImage

LAYOUT = "mirror 1"
MIRROR = "mirror.json"
KERNEL = "ipykernel"


class Mirror(Wire):
    """Where a mirrored environment lies, and what was in it."""

    kernel: str
    prefix: Path
    python: str
    version: str
    libdir: str
    folders: tuple[Path, ...]
    fingerprint: tuple[str, ...]

    def interpreter(self, extras: Path) -> Interpreter:
        """Return how a sandbox runs it. `extras` holds what had to be added, and is sought first."""
        prefix = self.prefix
        more = (extras, *self.folders[1:])
        return Interpreter(prefix, inner_prefix(prefix), self.python, self.version, self.libdir, more)


async def mirror_environment(
    environments: Environments, kernel: KernelEnvironment, report: Report
) -> SandboxImage:
    """Make an environment that mounts a kernel's own; only a missing ipykernel is installed, beside it.

    Raises:
        PackageRefusedError: There is no ipykernel that fits what is installed.
        SandboxError: pip failed; the message ends with its last lines.
        StorageError: The disk is full or not writable.
    """
    pins = [f"{name}=={version}" for name, version in kernel.packages.items()]
    lock = Lock("".join(f"{pin}\n" for pin in pins))
    seen = await asyncio.to_thread(fingerprint, kernel.folders)
    places = [kernel.executable, kernel.version, *map(str, kernel.folders)]
    name = packages_hash([lock.sha256, *seen], LAYOUT, *places)
    async with environments.drafting(report) as draft:
        found = await asyncio.to_thread(environments.get, name)
        if found is not None:
            return found
        await report(f"Reading the environment of {kernel.name}", 0, 0)
        added = await _add_kernel(kernel, draft, report)
        mirror = Mirror(
            kernel=kernel.name,
            prefix=kernel.prefix,
            python=kernel.python,
            version=kernel.version,
            libdir=kernel.libdir,
            folders=kernel.folders,
            fingerprint=tuple(seen),
        )
        text = mirror.model_dump_json(indent=1)
        await asyncio.to_thread((draft / MIRROR).write_text, text, encoding="utf-8")
        image = SandboxImage(
            id=name,
            runtime="bubblewrap",
            language="python",
            tag=f"gptoss-sandbox-python:{name}",
            packages={**kernel.packages, **added},
            language_version=kernel.version,
            base=kernel.executable,
            lock_sha256=lock.sha256,
            kernel=kernel.name,
            left_out=kernel.editable,
        )
        return await environments.settle(draft, image, report)


async def _add_kernel(kernel: KernelEnvironment, draft: Path, report: Report) -> dict[str, str]:
    """Install ipykernel beside the environment, if that lacks it; return what came with it."""
    await asyncio.to_thread((draft / PACKAGES).mkdir, mode=0o755)
    if KERNEL in {str(canonicalize_name(name)) for name in kernel.packages}:
        return {}
    pip = [sys.executable, "-m", "pip", "--python", kernel.executable]
    order = WheelOrder((KERNEL,), kernel.packages)
    wheels = await fetch_wheels(order, pip, draft / "fetched", report)
    await install_wheels(pip, wheels.lock, draft / "fetched", report, target=draft / PACKAGES)
    await asyncio.to_thread(shutil.rmtree, draft / "fetched")
    return dict(wheels.lock.pins)


def read_mirror(environments: Environments, image_id: str) -> Mirror | None:
    """Return what an environment mirrors, if it does. This reads the disk: call it in a thread.

    Raises:
        ImageMissingError: What it mirrors has changed since, or is gone.
    """
    file = environments.place(image_id) / MIRROR
    if environments.get(image_id) is None or not file.is_file():
        return None
    try:
        mirror = Mirror.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ImageMissingError(f"The sandbox environment {image_id} is damaged") from error
    if tuple(fingerprint(mirror.folders)) != mirror.fingerprint:
        raise ImageMissingError(
            f"The environment of the kernel {mirror.kernel} is no longer the one that was mirrored",
            hint=f"Mirror it again: `jupyter gptoss sandbox build --from-kernel {mirror.kernel}`.",
        )
    return mirror
