"""Private package environments for sandboxes that share this machine's interpreter.

An environment is a folder named by a hash of what went into it: `ID/site-packages` and
`ID/manifest.json`. It is built beside its place and renamed into it, so that what has the right
name is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import importlib.metadata
import os
import platform
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from gptoss_lab.errors import StorageError
from gptoss_lab.sandbox.environment_install import install_packages
from gptoss_lab.sandbox.lock import Lock, python_lock
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage

LAYOUT = "layout 2"
MANIFEST = "manifest.json"
PACKAGES = "site-packages"
BUILDING = ".building-"
REMOVING = ".removing-"
LOCK_PERIOD_S = 0.2
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
        tag = sys.implementation.cache_tag or ""
        facts = (LAYOUT, tag, platform.machine(), *platform.libc_ver()[:1])
        return packages_hash([self._packages.sha256], *facts)

    def find(self, language: Language) -> SandboxImage | None:
        """Return the environment for our lock and this interpreter, if it was built."""
        return self._read(self._folder / self.id) if language == "python" else None

    def packages_folder(self, image_id: str) -> Path | None:
        """Return the site-packages of one environment, if it was built."""
        if not ID_PATTERN.fullmatch(image_id):
            return None
        folder = self._folder / image_id
        return folder / PACKAGES if (folder / MANIFEST).is_file() else None

    def images(self) -> list[SandboxImage]:
        """List the environments, newest first."""
        if not self._folder.is_dir():
            return []
        found = [self._read(path) for path in self._folder.iterdir() if ID_PATTERN.fullmatch(path.name)]
        return sorted((image for image in found if image), key=lambda image: image.built_at, reverse=True)

    def remove(self, image_id: str) -> bool:
        """Remove one environment; say whether there was one."""
        if self.packages_folder(image_id) is None:
            return False
        doomed = self._folder / f"{REMOVING}{os.getpid()}-{secrets.token_hex(4)}"
        (self._folder / image_id).rename(doomed)
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
        try:
            async with self._lock(report):
                image = await asyncio.to_thread(self.find, language)
                return image or await self._build(language, report)
        except OSError as error:
            raise StorageError(
                f"The sandbox environment cannot be written to {self._folder}: {error.strerror}"
            ) from error

    async def _build(self, language: Language, report: Report) -> SandboxImage:
        draft = self._folder / f"{BUILDING}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            draft.mkdir(mode=0o755)
            venv = draft / "venv"
            await report("Preparing the environment", 0, 0)
            await install_packages(venv, self._packages, report)
            image = await asyncio.to_thread(self._settle, draft, venv, language)
            await report(f"Installed {len(image.packages)} packages", 1, 1)
            return image
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True))

    def _settle(self, draft: Path, venv: Path, language: Language) -> SandboxImage:
        """Describe what was installed and give it its name."""
        library = f"python{sys.version_info.major}.{sys.version_info.minor}"
        (venv / "lib" / library / "site-packages").rename(draft / PACKAGES)
        shutil.rmtree(venv)
        image = SandboxImage(
            id=self.id,
            runtime="bubblewrap",
            language=language,
            tag=f"gptoss-sandbox-{language}:{self.id}",
            size_bytes=sum(path.lstat().st_size for path in (draft / PACKAGES).rglob("*")),
            built_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            packages=installed_packages(draft / PACKAGES),
        )
        (draft / MANIFEST).write_text(image.model_dump_json(indent=1), encoding="utf-8")
        draft.rename(self._folder / self.id)
        return image

    def _read(self, folder: Path) -> SandboxImage | None:
        try:
            return SandboxImage.model_validate_json((folder / MANIFEST).read_bytes())
        except (OSError, ValidationError):
            return None

    @contextlib.asynccontextmanager
    async def _lock(self, report: Report) -> AsyncIterator[None]:
        """Let one builder in at a time, on this machine."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        with (self._folder / ".lock").open("a", encoding="ascii") as file:
            if not _locked(file):
                await report("Waiting for another build to end", 0, 0)
            while not _locked(file):  # noqa: ASYNC110 - the other builder may be another process
                await asyncio.sleep(LOCK_PERIOD_S)
            yield


def installed_packages(folder: Path) -> dict[str, str]:
    """Return the distributions below a site-packages folder, with their versions."""
    found = importlib.metadata.distributions(path=[str(folder)])
    return dict(sorted((item.metadata["Name"], item.version) for item in found))


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise
    return True
