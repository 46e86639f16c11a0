"""The bare system under a sandbox image: from a registry, or from Debian's packages."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gptoss_lab.errors import ImageMissingError, SandboxError, StorageError
from gptoss_lab.sandbox.docker_client import DaemonRefusal, DockerClient
from gptoss_lab.sandbox.recipes import System

Say = Callable[[str], Awaitable[None]]

PULL_TIMEOUT_S = 20.0
TAIL_LINES = 12
OMITTED = (
    "./proc/*",
    "./sys/*",
    "./dev/*",
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/locale/*",
)


@dataclass(frozen=True, slots=True)
class Base:
    """A base image. `tag` is its name, `id` its digest on this machine."""

    id: str
    tag: str


async def find_or_make_base(client: DockerClient, system: System, say: Say) -> Base:
    """Return an image of `system`: one that is here, else pulled, else made with debootstrap.

    Raises:
        SandboxError: No registry answers and this machine cannot make one.
        ImageMissingError: The daemon lost what it pulled.
    """
    for tag in (system.registry_tag, system.local_tag):
        found = await _find(client, tag)
        if found:
            return found
    tag = system.registry_tag
    await say(f"pulling {tag}")
    try:
        await _pull(client, tag)
    except SandboxError as error:
        await say("no registry is reachable; making a base from Debian packages")
        return await _from_debian(client, system, say, why=str(error))
    found = await _find(client, tag)
    if found is None:
        raise ImageMissingError(f"{tag} was pulled, but the daemon does not have it")
    return found


async def find_or_pull_base(client: DockerClient, tag: str, say: Say) -> Base:
    """Return a base image that is here, else pulled.

    Raises:
        SandboxError: No registry answers, or it refuses.
        ImageMissingError: The daemon lost what it pulled.
    """
    found = await _find(client, tag)
    if found is None:
        await say(f"pulling {tag}")
        await _pull(client, tag)
        found = await _find(client, tag)
    if found is None:
        raise ImageMissingError(f"{tag} was pulled, but the daemon does not have it")
    return found


async def _find(client: DockerClient, tag: str) -> Base | None:
    try:
        facts = await client.call(lambda api: api.inspect_image(tag))
    except ImageMissingError:
        return None
    return Base(id=facts["Id"], tag=tag)


async def _pull(client: DockerClient, image: str) -> None:
    """Pull, giving up when the registry is silent; a pull that moves may take its time.

    Raises:
        SandboxError: No registry answers, or it refuses.
    """
    loop = asyncio.get_running_loop()
    moving = asyncio.Event()
    name, _, tag = image.partition(":")

    def work(api: Any) -> None:
        for line in api.pull(name, tag=tag, stream=True, decode=True):
            if line.get("error"):
                raise DaemonRefusal(str(line["error"]), 0)
            loop.call_soon_threadsafe(moving.set)

    pull = asyncio.ensure_future(client.call(work))
    started = asyncio.ensure_future(moving.wait())
    await asyncio.wait({pull, started}, timeout=PULL_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    if not pull.done() and not moving.is_set():
        pull.cancel()
        raise SandboxError(f"no registry answered within {PULL_TIMEOUT_S:.0f} s")
    await pull


async def _from_debian(client: DockerClient, system: System, say: Say, *, why: str) -> Base:
    """Make the base here.

    Raises:
        SandboxError: This machine cannot, or a tool failed.
    """
    tool = shutil.which("debootstrap") or shutil.which("debootstrap", path="/usr/sbin")
    if tool is None or os.getuid() != 0:
        raise SandboxError(
            f"A base image can neither be pulled ({why}) nor made here",
            hint="Give the daemon access to a registry, `docker load` the image "
            f"{system.registry_tag}, or run this as root with debootstrap installed.",
        )
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="gptoss-base-")
    try:
        await _debootstrap(tool, system, folder, say)
        await say("importing the base")
        await _require_space(folder)
        await client.call(lambda api: _import(api, folder, system.local_tag))
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    found = await _find(client, system.local_tag)
    if found is None:
        raise SandboxError("The base was imported, but the daemon does not have it")
    return found


async def _debootstrap(tool: str, system: System, folder: str, say: Say) -> None:
    """Install a minimal Debian into `folder`; its mounts vanish with its mount namespace.

    Raises:
        SandboxError: debootstrap failed.
    """
    packages = f"--include={','.join(system.packages)}"
    command = ["unshare", "--mount", "--propagation", "private", tool, "--variant=minbase", packages]
    process = await asyncio.create_subprocess_exec(
        *command,
        *(system.suite, folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    tail: list[str] = []
    assert process.stdout is not None  # noqa: S101 - asked for above
    try:
        async for raw in process.stdout:
            line = raw.decode("utf-8", "replace").strip()
            tail = [*tail, line][-TAIL_LINES:]
            await say(line.removeprefix("I: ").lower())
        status = await process.wait()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    if status:
        raise SandboxError("debootstrap failed:\n" + "\n".join(tail))


async def _require_space(folder: str) -> None:
    """Refuse to pack onto a full disk.

    Raises:
        StorageError: Too little is free.
    """
    free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    if free < 1 << 30:
        raise StorageError(f"Less than 1 GiB is free in {Path(folder).parent}")


def _import(api: Any, folder: str, tag: str) -> None:
    """Give the folder to the daemon as an image of that tag.

    Raises:
        SandboxError: tar failed.
    """
    excludes = [f"--exclude={pattern}" for pattern in OMITTED]
    command = ["tar", "-C", folder, "--numeric-owner", *excludes, "-c", "."]
    repository, _, version = tag.partition(":")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:  # noqa: S603 - fixed words and our folder
        assert tar.stdout is not None  # noqa: S101 - asked for above
        api.import_image_from_stream(tar.stdout, repository=repository, tag=version)
    if tar.returncode:
        raise SandboxError(f"tar failed with status {tar.returncode} while the base was packed")
