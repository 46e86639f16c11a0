"""Private package environments for sandboxes that share this machine's interpreter.

An environment is a folder named by a hash of what went into it: `ID/site-packages` and
`ID/manifest.json`. It is built beside its place and renamed into it, so that what has the right
name is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import platform
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from gptoss_lab._version import __version__
from gptoss_lab.errors import ConflictError, StorageError
from gptoss_lab.sandbox.build_lock import locked, only_builder
from gptoss_lab.sandbox.environment_install import install_packages
from gptoss_lab.sandbox.lock import Lock, python_lock
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage

LAYOUT = "layout 2"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
MANIFEST = "manifest.json"
PACKAGES = "site-packages"
BUILDING = ".building-"
REMOVING = ".removing-"
ID_PATTERN = re.compile(r"[0-9a-f]{16}")


class Environments:
    """The environments below one folder.

    Args:
        folder: Where they are; made by the first build.
        lock: What an environment holds; the project's own lock when not given.
    """

    def __init__(self, folder: Path, lock: Lock | None = None) -> None:
        self._folder = folder
        self._packages = lock or python_lock()

    @property
    def id(self) -> str:
        """Return the name of the environment for our lock and this interpreter."""
        return stock_name(self._packages.sha256)

    def find(self, language: Language) -> SandboxImage | None:
        """Return the environment for our lock and this interpreter, if it was built."""
        return self.get(self.id) if language == "python" else None

    def get(self, image_id: str) -> SandboxImage | None:
        """Return one environment, if it was built."""
        return self._read(self._folder / image_id) if ID_PATTERN.fullmatch(image_id) else None

    def place(self, image_id: str) -> Path:
        """Return the folder of the environment of that name, whether it was built or not."""
        return self._folder / image_id

    def packages_folder(self, image_id: str) -> Path | None:
        """Return the site-packages of one environment, if it was built."""
        return self.place(image_id) / PACKAGES if self.get(image_id) is not None else None

    def hold(self, image_id: str) -> IO[bytes] | None:
        """Return a file that keeps an environment from being removed until it is closed; None without one.

        The kernel lets go of it when this process dies.
        """
        if self.get(image_id) is None:
            return None
        try:
            file = (self.place(image_id) / MANIFEST).open("rb")
        except FileNotFoundError:  # it was removed just now
            return None
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def images(self) -> list[SandboxImage]:
        """List the environments, newest first."""
        if not self._folder.is_dir():
            return []
        found = [self._read(path) for path in self._folder.iterdir() if ID_PATTERN.fullmatch(path.name)]
        return sorted((image for image in found if image), key=lambda image: image.built_at, reverse=True)

    def remove(self, image_id: str) -> bool:
        """Remove one environment; say whether there was one.

        Raises:
            ConflictError: A sandbox runs in it.
        """
        held = self.hold(image_id)
        if held is None:
            return False
        with held:
            if not locked(held):
                raise ConflictError(
                    f"The sandbox environment {image_id} is in use",
                    hint="End the sandboxes that run in it, then remove it.",
                )
            doomed = self._folder / f"{REMOVING}{os.getpid()}-{secrets.token_hex(4)}"
            self.place(image_id).rename(doomed)
        shutil.rmtree(doomed)
        return True

    def reap(self) -> int:
        """Remove what builds and removals of dead servers left; return how many there were."""
        removed = 0
        for prefix in (BUILDING, REMOVING):
            for folder in self._folder.glob(f"{prefix}*"):
                owner = folder.name.removeprefix(prefix).partition("-")[0]
                if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                    shutil.rmtree(folder, ignore_errors=True)
                    removed += 1
        return removed

    async def build(self, language: Language, report: Report) -> SandboxImage:
        """Build the environment, or return it when it is there.

        Raises:
            SandboxError: The packages could not be installed; the message ends with pip's last lines.
            StorageError: The disk is full or not writable.
        """
        if (image := await asyncio.to_thread(self.find, language)) is not None:
            return image
        async with self.drafting(report) as draft:
            image = await asyncio.to_thread(self.find, language)
            return image or await self._build(draft, report)

    async def _build(self, draft: Path, report: Report) -> SandboxImage:
        venv = draft / "venv"
        await report("Preparing the environment", 0, 0)
        await install_packages(venv, self._packages, report)
        await asyncio.to_thread(take_packages, venv, draft)
        image = SandboxImage(
            id=self.id,
            runtime="bubblewrap",
            language="python",
            tag=f"gptoss-sandbox-python:{self.id}",
            lock_sha256=self._packages.sha256,
        )
        return await self.settle(draft, image, report)

    async def settle(self, draft: Path, image: SandboxImage, report: Report) -> SandboxImage:
        """Describe what lies in a draft, and give it the image's name."""
        described = await asyncio.to_thread(self._settle, draft, image)
        await report(f"Installed {len(described.packages)} packages", 1, 1)
        return described

    def _settle(self, draft: Path, image: SandboxImage) -> SandboxImage:
        image = image.model_copy(
            update={
                "size_bytes": sum(path.lstat().st_size for path in (draft / PACKAGES).rglob("*")),
                "built_at": image.built_at or datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "packages": image.packages or installed_packages(draft / PACKAGES),
                "language_version": image.language_version or platform.python_version(),
                "base": image.base or own_base(),
                "base_digest": image.base_digest or ("" if image.kernel else _interpreter_digest()),
                "tool_version": image.tool_version or __version__,
            }
        )
        (draft / MANIFEST).write_text(image.model_dump_json(indent=1), encoding="utf-8")
        place = self.place(image.id)
        if place.exists():  # damaged, for it was not found
            shutil.rmtree(place)
        draft.rename(place)
        return image

    @contextlib.asynccontextmanager
    async def drafting(self, report: Report) -> AsyncIterator[Path]:
        """Hand out an empty folder, to one builder at a time; what is left of it is removed.

        Raises:
            StorageError: The disk is full or not writable.
        """
        draft = self._folder / f"{BUILDING}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            async with only_builder(self._folder, report):
                draft.mkdir(mode=0o755)
                try:
                    yield draft
                finally:
                    await asyncio.shield(asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True))
        except OSError as error:
            raise StorageError(
                f"The sandbox environment cannot be written to {self._folder}: {error.strerror}"
            ) from error

    def _read(self, folder: Path) -> SandboxImage | None:
        try:
            return SandboxImage.model_validate_json((folder / MANIFEST).read_bytes())
        except (OSError, ValidationError):
            return None


def stock_name(lock_sha256: str) -> str:
    """Return the name of the environment of a lock for this interpreter."""
    tag = sys.implementation.cache_tag or ""
    facts = (LAYOUT, tag, platform.machine(), *platform.libc_ver()[:1])
    return packages_hash([lock_sha256], *facts)


def own_base() -> str:
    """Return what an environment of this interpreter is for: another one cannot load its modules."""
    return f"{sys.implementation.cache_tag}, {platform.machine()}, {platform.libc_ver()[0] or 'another libc'}"


def installed_packages(folder: Path) -> dict[str, str]:
    """Return the distributions below a site-packages folder, with their versions."""
    found = importlib.metadata.distributions(path=[str(folder)])
    return dict(sorted((item.metadata["Name"], item.version) for item in found))


def take_packages(venv: Path, draft: Path) -> None:
    """Move what was installed into a virtual environment to its place in the draft."""
    (venv / "lib" / PYTHON / "site-packages").rename(draft / PACKAGES)
    shutil.rmtree(venv)


@cache
def _interpreter_digest() -> str:
    """Return the hash of the interpreter that the environment is for."""
    program = Path(sys.base_prefix) / "bin" / PYTHON
    return f"sha256:{hashlib.sha256(program.read_bytes()).hexdigest()}" if program.is_file() else ""
