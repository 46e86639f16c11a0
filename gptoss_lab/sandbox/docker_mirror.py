"""An image with the packages of a person's own kernel, in exactly their versions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.docker_base import Base, find_or_make_base, find_or_pull_base
from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_labels import Origin
from gptoss_lab.sandbox.docker_layers import FETCHED, fetch_wheels
from gptoss_lab.sandbox.docker_steps import LAST_STEP, install_locked, make_environment
from gptoss_lab.sandbox.kernel_environment import KernelEnvironment
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.recipes import BOOKWORM
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.sandbox.wheels import WheelOrder

MAX_BYTES = 8 << 30
DEBIAN_PYTHON = "3.11"
KERNEL = "ipykernel"
KERNEL_FETCHED = f"{FETCHED}-kernel"


@dataclass(frozen=True, slots=True)
class Copy:
    """What was found of a kernel's packages: the lock of all, and what there is no wheel of."""

    lock: Lock
    left_out: tuple[str, ...]


async def find_mirror_base(client: DockerClient, kernel: KernelEnvironment, report: Report) -> Base:
    """Return a base image with the kernel's Python.

    Raises:
        SandboxError: There is none here and none can be had.
        ImageMissingError: The daemon lost what it pulled.
        StorageError: The disk is full.
    """
    minor = kernel.python.removeprefix("python")
    tag = f"python:{minor}-slim-bookworm"

    async def say(text: str) -> None:
        await report(text, 0, LAST_STEP)

    if minor == DEBIAN_PYTHON:  # can be made here, from Debian's packages
        return await find_or_make_base(client, replace(BOOKWORM, registry_tag=tag), say)
    try:
        return await find_or_pull_base(client, tag, say)
    except SandboxError as error:
        raise SandboxError(
            f"There is no base image with Python {minor}, which {kernel.name} runs: {error.message}",
            hint=f"Give the daemon access to a registry, `docker load` the image {tag}, or use bubblewrap, "
            "which runs the kernel's own Python.",
        ) from error


async def copy_packages(builder: Builder, kernel: KernelEnvironment, report: Report) -> Copy:
    """Install the kernel's packages, as wheels, in their versions.

    Raises:
        PackageRefusedError: There is no ipykernel that fits them, or they are too large.
        SandboxError: The index did not answer, or pip failed.
    """
    await make_environment(builder, report)
    wanted = {name: version for name, version in kernel.packages.items() if name not in kernel.local}
    pins = tuple(f"{name}=={version}" for name, version in wanted.items())
    await report(f"looking for {len(pins)} packages", 2, LAST_STEP)
    order = WheelOrder(pins, {}, exact=True, max_bytes=MAX_BYTES)
    found = await fetch_wheels(builder, order, report)
    await install_locked(builder, found.lock, report, _from(FETCHED))
    left_out = (*kernel.local, *found.missing)
    has = dict(found.lock.pins)
    if KERNEL in {str(canonicalize_name(name)) for name in has}:
        return Copy(found.lock, left_out)
    await report(f"adding {KERNEL}", 3, LAST_STEP)
    added = await fetch_wheels(builder, WheelOrder((KERNEL,), has), report, KERNEL_FETCHED)
    await install_locked(builder, added.lock, report, _from(KERNEL_FETCHED))
    return Copy(Lock(found.lock.text + added.lock.text), left_out)


def mirror_tag(base: Base, lock: Lock) -> str:
    """Return the name of the image: a hash of what is in it."""
    return f"gptoss-sandbox-python:{packages_hash([lock.sha256], 'mirror 1', base.id)}"


def mirror_origin(base: Base, kernel: KernelEnvironment, copy: Copy) -> Origin:
    """Return where the image comes from."""
    return Origin("python", base, copy.lock.sha256, kernel=kernel.name, left_out=copy.left_out)


def _from(folder: str) -> tuple[str, ...]:
    return ("--no-index", "--no-deps", "--no-cache-dir", "--find-links", f"{folder}/wheels")
