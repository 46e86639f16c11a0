"""Copy an image's Python sources out, so that their documentation can be read without a sandbox."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from gptoss_lab.errors import StorageError
from gptoss_lab.sandbox.docker_builder import SITE_PACKAGES_LABEL
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.schemas.execution import SandboxImage

SUFFIXES = frozenset({".py", ".pyi"})
MARKERS = frozenset({"py.typed"})
TEST_FOLDERS = frozenset({"test", "tests", "testing_data", "__pycache__"})
MAX_FILE_BYTES = 4 << 20
MAX_TOTAL_BYTES = 1 << 30


class DockerLibraries:
    """The folder where each image's sources are kept, one folder per image."""

    def __init__(self, client: DockerClient, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._lock = asyncio.Lock()

    async def root(self, image: SandboxImage) -> Path | None:
        """Return the folder with the image's sources, copied on first use; None where it has none.

        Raises:
            StorageError: The disk is full or not writable.
            SandboxError: The daemon refused.
        """
        target = self._folder / image.id.rpartition(":")[2]
        async with self._lock:
            if await asyncio.to_thread(target.is_dir):
                return target
            facts = await self._client.call(lambda api: api.inspect_image(image.id))
            inside = ((facts.get("Config") or {}).get("Labels") or {}).get(SITE_PACKAGES_LABEL, "")
            if not inside:
                return None
            await self._client.call(lambda api: _export(api, image.id, inside, target))
            return target


def _export(api: Any, image_id: str, inside: str, target: Path) -> None:
    """Copy through a container that is never started; the folder appears whole or not at all.

    Raises:
        StorageError: The disk is full or not writable.
    """
    container = api.create_container_from_config({
        "Image": image_id,
        "Cmd": ["true"],
        "NetworkDisabled": True,
    })
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as name:
            chunks, _ = api.get_archive(container["Id"], inside, chunk_size=1 << 20)
            unpack_sources(chunks, Path(name) / "root")
            os.replace(Path(name) / "root", target)  # noqa: PTH105 - atomic on one file system
    except OSError as error:
        raise StorageError(f"The image's sources cannot be kept in {target}: {error.strerror}") from error
    finally:
        api.remove_container(container["Id"], force=True, v=True)


def unpack_sources(chunks: Iterable[bytes], root: Path) -> None:
    """Write the sources of a tar stream below `root`: regular files, plain names, bounded sizes.

    Raises:
        StorageError: They are more than fits.
    """
    root.mkdir(parents=True)
    total = 0
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks)), mode="r|") as archive:
        for entry in archive:
            path = PurePosixPath(entry.name)
            if not entry.isreg() or entry.size > MAX_FILE_BYTES or not _is_wanted(path):
                continue
            total += entry.size
            if total > MAX_TOTAL_BYTES:
                raise StorageError(f"The image's sources are over {MAX_TOTAL_BYTES} bytes")
            source = archive.extractfile(entry)
            place = root.joinpath(*path.parts[1:])
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                shutil.copyfileobj(source or io.BytesIO(), file)


def _is_wanted(path: PurePosixPath) -> bool:
    parts = path.parts[1:]
    if not parts or path.is_absolute() or ".." in parts or TEST_FOLDERS.intersection(parts[:-1]):
        return False
    in_metadata = any(part.endswith(".dist-info") for part in parts[:-1])
    return in_metadata or path.suffix in SUFFIXES or path.name in MARKERS


class _Chunks(io.RawIOBase):
    """Bytes that arrive in chunks, as a file to read."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = next(self._chunks, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
