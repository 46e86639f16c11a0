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

Say = Callable[[str], Awaitable[None]]

REGISTRY_IMAGE = ("python", "3.12-slim-bookworm")
DEBIAN_IMAGE = ("gptoss-sandbox-base", "bookworm-1")
DEBIAN_SUITE = "bookworm"
DEBIAN_PACKAGES = ("ca-certificates", "libgomp1", "python3", "python3-pip", "tini")
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


async def find_or_make_base(client: DockerClient, say: Say) -> Base:
    """Return a base image: one that is here, else pulled, else made with debootstrap.

    Raises:
        SandboxError: No registry answers and this machine cannot make one.
        ImageMissingError: The daemon lost what it pulled.
    """
    for name in (REGISTRY_IMAGE, DEBIAN_IMAGE):
        found = await _find(client, ":".join(name))
        if found:
            return found
    tag = ":".join(REGISTRY_IMAGE)
    await say(f"pulling {tag}")
    try:
        await _pull(client)
    except SandboxError as error:
        await say("no registry is reachable; making a base from Debian packages")
        return await _from_debian(client, say, why=str(error))
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


async def _pull(client: DockerClient) -> None:
    """Pull, giving up when the registry is silent; a pull that moves may take its time.

    Raises:
        SandboxError: No registry answers, or it refuses.
    """
    loop = asyncio.get_running_loop()
    moving = asyncio.Event()
    name, tag = REGISTRY_IMAGE

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


async def _from_debian(client: DockerClient, say: Say, *, why: str) -> Base:
    """Make the base here.

    Raises:
        SandboxError: This machine cannot, or a tool failed.
    """
    tool = shutil.which("debootstrap") or shutil.which("debootstrap", path="/usr/sbin")
    if tool is None or os.getuid() != 0:
        raise SandboxError(
            f"A base image can neither be pulled ({why}) nor made here",
            hint="Give the daemon access to a registry, `docker load` the image "
            f"{':'.join(REGISTRY_IMAGE)}, or run this as root with debootstrap installed.",
        )
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="gptoss-base-")
    try:
        await _debootstrap(tool, folder, say)
        await say("importing the base")
        await _require_space(folder)
        await client.call(lambda api: _import(api, folder))
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    found = await _find(client, ":".join(DEBIAN_IMAGE))
    if found is None:
        raise SandboxError("The base was imported, but the daemon does not have it")
    return found


async def _debootstrap(tool: str, folder: str, say: Say) -> None:
    """Install a minimal Debian into `folder`; its mounts vanish with its mount namespace.

    Raises:
        SandboxError: debootstrap failed.
    """
    packages = f"--include={','.join(DEBIAN_PACKAGES)}"
    command = ["unshare", "--mount", "--propagation", "private", tool, "--variant=minbase", packages]
    process = await asyncio.create_subprocess_exec(
        *command,
        *(DEBIAN_SUITE, folder),
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


def _import(api: Any, folder: str) -> None:
    """Give the folder to the daemon as an image.

    Raises:
        SandboxError: tar failed.
    """
    excludes = [f"--exclude={pattern}" for pattern in OMITTED]
    command = ["tar", "-C", folder, "--numeric-owner", *excludes, "-c", "."]
    repository, tag = DEBIAN_IMAGE
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:  # noqa: S603 - fixed words and our folder
        assert tar.stdout is not None  # noqa: S101 - asked for above
        api.import_image_from_stream(tar.stdout, repository=repository, tag=tag)
    if tar.returncode:
        raise SandboxError(f"tar failed with status {tar.returncode} while the base was packed")
