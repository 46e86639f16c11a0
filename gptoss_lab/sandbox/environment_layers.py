"""Environments that hold more than another one: its files, linked, and the wheels that were added."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from gptoss_lab.errors import ImageMissingError, PackageRefusedError
from gptoss_lab.sandbox.environment_install import fetch_wheels, install_wheels, make_venv
from gptoss_lab.sandbox.environments import LAYOUT, PYTHON, Environments, take_packages
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.runtime import Report, Wish
from gptoss_lab.sandbox.wheels import WheelOrder, refuse_denied
from gptoss_lab.schemas.execution import SandboxImage


async def extend_environment(
    environments: Environments, image: SandboxImage, wish: Wish, report: Report
) -> SandboxImage:
    """Return an environment with `image`'s packages and these; see `Runtime.extend`.

    Raises:
        ImageMissingError: The environment is gone.
        PackageRefusedError: A package is not to be had, does not fit, or is there already.
        SandboxError: pip failed; the message ends with its last lines.
        StorageError: The disk is full or not writable.
    """
    async with environments.drafting(report) as draft:
        held = await asyncio.to_thread(environments.hold, image.id)
        if held is None:
            raise ImageMissingError(f"The sandbox environment {image.id} is not here")
        with held:
            return await _extend(environments, draft, image, wish, report)


async def _extend(
    environments: Environments, draft: Path, image: SandboxImage, wish: Wish, report: Report
) -> SandboxImage:
    venv = draft / "venv"
    await report("Preparing the environment", 0, 0)
    pip = await make_venv(venv)
    site = venv / "lib" / PYTHON / "site-packages"
    await asyncio.to_thread(link_tree, environments.packages_folder(image.id), site)
    order = WheelOrder(wish.packages, image.packages)
    wheels = await fetch_wheels(order, pip, draft / "fetched", report)
    if not wheels.lock.pins:
        raise PackageRefusedError(f"{', '.join(wish.packages)}: it is in the environment already")
    refuse_denied(wheels.lock, wish.denied)
    name = packages_hash([wheels.lock.sha256], LAYOUT, image.id)
    found = await asyncio.to_thread(environments.get, name)
    if found is not None:
        return found
    await install_wheels(pip, wheels.lock, draft / "fetched", report)
    await asyncio.to_thread(take_packages, venv, draft)
    await asyncio.to_thread(shutil.rmtree, draft / "fetched")
    made = SandboxImage(
        id=name,
        runtime="bubblewrap",
        language=image.language,
        tag=f"gptoss-sandbox-{image.language}:{name}",
        lock_sha256=wheels.lock.sha256,
        parent=image.tag,
        added=tuple(dict.fromkeys([*image.added, *wish.packages])),
    )
    return await environments.settle(draft, made, report)


def link_tree(source: Path | None, target: Path) -> None:
    """Fill a folder with another's files without copying them; what pip changes, it writes anew.

    Raises:
        ImageMissingError: The other folder is gone.
    """
    if source is None:
        raise ImageMissingError("The sandbox environment has just been removed")
    shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one that has no links
        shutil.copy2(source, target)
