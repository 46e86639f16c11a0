"""Carry an environment between machines in one file: a description, then regular files, nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from pydantic import Field, ValidationError

from gptoss_lab.errors import ImageMissingError, RequestError
from gptoss_lab.sandbox.archives import HEADER, NotOursError, stoppable, written_whole
from gptoss_lab.sandbox.environments import (
    LAYOUT,
    PACKAGES,
    Environments,
    installed_packages,
    own_base,
    stock_name,
)
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import SandboxImage

MAX_HEADER_BYTES = 8 << 20
MAX_FILES = 200_000
MAX_BYTES = 16 << 30
MAX_DEPTH = 40
CHUNK_BYTES = 1 << 20


class Header(Wire):
    """What an archive says of itself. `sha256` is of the paths, sizes and contents of all files, in order."""

    format: int = Field(ge=1, le=1)
    image: SandboxImage
    files: int = Field(ge=0, le=MAX_FILES)
    bytes: int = Field(ge=0, le=MAX_BYTES)
    sha256: str


async def save_environment(
    environments: Environments, image: SandboxImage, target: Path, *, force: bool
) -> None:
    """Write an environment to a file.

    Raises:
        ImageMissingError: It is not here.
        RequestError: There is such a file and it is not to be replaced, or the environment is another's.
        StorageError: The disk is full or not writable.
    """
    if image.kernel:
        raise RequestError(
            f"{image.tag} is the environment of the kernel {image.kernel} itself, which stays where it is",
            hint="Mirror the kernel for Docker, and save that image.",
        )
    held = await asyncio.to_thread(environments.hold, image.id)
    if held is None:
        raise ImageMissingError(f"The sandbox environment {image.id} is not here")
    folder = environments.place(image.id) / PACKAGES
    with held:
        await stoppable(
            lambda stopped: asyncio.to_thread(_save, folder, image, Target(target, force), stopped)
        )


class Target(NamedTuple):
    """The file to write, and whether it may replace another."""

    file: Path
    force: bool


def _save(folder: Path, image: SandboxImage, target: Target, stopped: threading.Event) -> None:
    """Describe, then write; the files are read twice.

    Raises:
        RequestError: It was stopped.
    """
    with written_whole(target.file, force=target.force) as file:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        digest, size = hashlib.sha256(), 0
        for path in paths:
            if stopped.is_set():
                raise RequestError("Saving was stopped")
            size += path.stat().st_size
            _digest(digest, path.relative_to(folder).as_posix(), path.stat().st_size, path)
        header = Header(format=1, image=image, files=len(paths), bytes=size, sha256=digest.hexdigest())
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, HEADER, header.model_dump_json().encode())
            for path in paths:
                if stopped.is_set():
                    raise RequestError("Saving was stopped")
                _add_file(archive, f"{PACKAGES}/{path.relative_to(folder).as_posix()}", path)


async def load_environment(environments: Environments, source: Path, report: Report) -> SandboxImage:
    """Make an environment of a file; one that is here already is left as it is.

    Raises:
        RequestError: The file is not an environment of ours, or not for this Python.
        StorageError: The disk is full or not writable.
    """
    header = await asyncio.to_thread(read_header, source)
    image = header.image
    async with environments.drafting(report) as draft:
        found = await asyncio.to_thread(environments.get, image.id)
        if found is not None:
            return found
        await stoppable(lambda stopped: asyncio.to_thread(_unpack, source, draft, header, stopped))
        return await environments.settle(draft, image, report)


def read_header(source: Path) -> Header:
    """Read and check what a file says of itself.

    Raises:
        NotOursError: It is not an environment of ours.
        RequestError: It is not for this Python.
    """
    try:
        with tarfile.open(source, "r:") as archive:
            member = archive.next()
            file = archive.extractfile(member) if member is not None and member.isreg() else None
            text = file.read(MAX_HEADER_BYTES + 1) if file is not None else b""
        header = Header.model_validate_json(text)
    except (OSError, tarfile.TarError, ValidationError) as error:
        raise NotOursError(source, "it does not say what it holds") from error
    image = header.image
    parent = image.parent.rpartition(":")[2]
    name = packages_hash([image.lock_sha256], LAYOUT, parent) if parent else stock_name(image.lock_sha256)
    if image.base != own_base():
        raise RequestError(
            f"{source} is for {image.base}, and this server runs {own_base()}",
            hint="Save it on a machine with the same Python, or build it here.",
        )
    tag = f"gptoss-sandbox-{image.language}:{image.id}"
    if (image.id, image.tag, image.runtime, image.kernel) != (name, tag, "bubblewrap", ""):
        raise NotOursError(source, "its name does not follow from what it holds")
    return header


def _unpack(source: Path, draft: Path, header: Header, stopped: threading.Event) -> None:
    """Write the files below the draft, and compare them with the description.

    Raises:
        NotOursError: They are not what was described, or would leave the folder.
        RequestError: It was stopped.
    """
    digest, count = hashlib.sha256(), 0
    try:
        with tarfile.open(source, "r:") as archive:
            for member in _members(archive, source, header):
                if stopped.is_set():
                    raise RequestError("Loading was stopped")
                path = draft / member.name
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
                content: IO[bytes] = archive.extractfile(member) or io.BytesIO()
                with path.open("xb") as file:
                    shutil.copyfileobj(content, file, CHUNK_BYTES)
                path.chmod(0o755 if member.mode & 0o100 else 0o644)
                os.utime(path, (member.mtime, member.mtime))  # compiled files are for sources of that time
                _digest(digest, member.name.removeprefix(f"{PACKAGES}/"), member.size, path)
                count += 1
    except (tarfile.TarError, FileExistsError, EOFError) as error:
        raise NotOursError(source, f"it is damaged ({error})") from error
    if count != header.files or digest.hexdigest() != header.sha256:
        raise NotOursError(source, "its files are not those that it describes")
    if installed_packages(draft / PACKAGES) != header.image.packages:
        raise NotOursError(source, "its packages are not those that it describes")


def _members(archive: tarfile.TarFile, source: Path, header: Header) -> Iterator[tarfile.TarInfo]:
    """Yield the files; anything that is not one, or whose name is not plain, ends it.

    Raises:
        NotOursError: The archive holds something else, or more than it says.
    """
    archive.next()  # the description
    left = header.bytes
    while (member := archive.next()) is not None:
        parts = PurePosixPath(member.name).parts
        plain = member.name == "/".join(parts) and ".." not in parts and "\0" not in member.name
        if not member.isreg() or not plain or parts[0] != PACKAGES or not 1 < len(parts) <= MAX_DEPTH:
            raise NotOursError(source, f"it holds {member.name[:80]!r}, which is no file of an environment")
        left -= member.size
        if left < 0:
            raise NotOursError(source, "it is larger than it says")
        yield member


def _digest(digest: Any, name: str, size: int, path: Path) -> None:
    digest.update(f"{name}\0{size}\0".encode())
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    state = path.stat()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = state.st_size, int(state.st_mtime)
    entry.mode = 0o755 if state.st_mode & 0o100 else 0o644
    with path.open("rb") as file:
        archive.addfile(entry, file)
