"""The adapters on this disk: versions of a model, of which one may be served."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from gptoss_lab.errors import ConflictError, NotFoundError, StorageError
from gptoss_lab.schemas.tuning import AdapterInfo

INFO, CURRENT, MERGED, ADAPTER, LOCK = "adapter.json", "current.json", "merged", "adapter", ".lock"
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_VERSION = re.compile(r"v[1-9]\d{0,5}")
MOST_REMEMBERED = 50


class AdapterStore:
    """Keeps adapters in a folder each, and remembers which were served, in order. Every method blocks.

    Args:
        folder: Our data folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "adapters"

    def all(self) -> list[AdapterInfo]:
        """Return all, oldest first; what cannot be read is left out."""
        found = [info for place in self.folder.glob("v*") if (info := _read(place)) is not None]
        return sorted(found, key=lambda info: int(info.version[1:]))

    def get(self, version: str) -> AdapterInfo:
        """Return one.

        Raises:
            NotFoundError: There is none of that version.
        """
        info = _read(self.folder / version) if _VERSION.fullmatch(version) else None
        if info is None:
            known = ", ".join(one.version for one in self.all()) or "none"
            raise NotFoundError(f"There is no adapter {version[:20]!r}", hint=f"There are: {known}.")
        return info

    def add(self, made: Path, info: AdapterInfo) -> AdapterInfo:
        """Take in what the tuner made, under the next version; the same content is taken in once.

        Args:
            made: The folder that peft wrote.
            info: What is known of it; version and hash are given here.

        Raises:
            StorageError: The disk is full or not writable.
        """
        with self._locked():
            digest = content_hash(made)
            for known in self.all():
                if known.sha256 == digest:
                    return known
            version = f"v{1 + max((int(one.version[1:]) for one in self.all()), default=0)}"
            final = info.model_copy(update={"version": version, "sha256": digest})
            draft = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new-"))
            try:
                (draft / ADAPTER).mkdir()
                for name in (WEIGHTS, CONFIG):
                    shutil.copyfile(made / name, draft / ADAPTER / name)
                (draft / INFO).write_text(final.model_dump_json(indent=1), encoding="utf-8")
                draft.rename(self.folder / version)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            return final

    @property
    def current(self) -> str:
        """The version that is served; empty where it is the model itself."""
        history = self._history()
        return history[-1] if history else ""

    def use(self, version: str) -> None:
        """Have a version served from the next start on; empty is the model itself.

        Raises:
            NotFoundError: There is none of that version.
            ConflictError: Its weights were not made yet.
            StorageError: The disk is full or not writable.
        """
        if version:
            self.get(version)
            if self.merged(version) is None:
                raise ConflictError(
                    f"The weights of {version} are not made yet", hint="Use it with a tuner at hand."
                )
        with self._locked():
            history = self._history() or [""]
            if history[-1] != version:
                self._write([*history, version])

    def rollback(self) -> str:
        """Have the version before served again; return it, empty for the model itself.

        Raises:
            ConflictError: There is none before.
            StorageError: The disk is full or not writable.
        """
        with self._locked():
            history = self._history()
            if len(history) < 2:  # noqa: PLR2004 - the one before the last
                raise ConflictError(
                    "There is nothing to go back to", hint="`jupyter gptoss tune use` chooses one."
                )
            self._write(history[:-1])
            return history[-2]

    def remove(self, version: str) -> None:
        """Remove a version with its weights.

        Raises:
            NotFoundError: There is none of that version.
            ConflictError: It is the one that is served.
            StorageError: The disk is not writable.
        """
        self.get(version)
        with self._locked():
            if version == self.current:
                raise ConflictError(
                    f"{version} is the one that is served", hint="Roll back or use another first."
                )
            gone = self.folder / f".gone-{version}"
            (self.folder / version).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
            kept: list[str] = []
            for one in self._history():
                if one != version and kept[-1:] != [one]:
                    kept.append(one)
            self._write(kept)

    def merged(self, version: str) -> Path | None:
        """Return the folder of a version's whole weights; None where they are not made."""
        place = self.folder / version / MERGED
        return place if (place / "config.json").is_file() else None

    def place(self, version: str) -> Path:
        """Return the folder of a version."""
        return self.folder / version

    def _history(self) -> list[str]:
        try:
            said = json.loads((self.folder / CURRENT).read_text(encoding="utf-8"))
            served = said["served"]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        if not isinstance(served, list):
            return []
        # What was removed by hand is not served any more.
        return [one for one in served if one == "" or (isinstance(one, str) and _read(self.folder / one))]

    def _write(self, history: list[str]) -> None:
        data = json.dumps({"served": history[-MOST_REMEMBERED:]})
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".current-")
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(data)
        Path(name).replace(self.folder / CURRENT)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes out.

        Raises:
            StorageError: The disk is full or not writable.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / LOCK).open("a", encoding="ascii") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise StorageError(f"{self.folder} cannot be written: {error.strerror or error}") from error


def content_hash(made: Path) -> str:
    """Return what tells an adapter from every other. Blocks.

    Raises:
        OSError: A file is missing.
    """
    digest = hashlib.sha256()
    for name in (WEIGHTS, CONFIG):
        with (made / name).open("rb") as file:
            digest.update(
                hashlib.file_digest(file, "sha256").digest()
                if hasattr(hashlib, "file_digest")
                else file.read()
            )
    return digest.hexdigest()


def _read(place: Path) -> AdapterInfo | None:
    try:
        info = AdapterInfo.model_validate_json((place / INFO).read_text(encoding="utf-8"))
    except (OSError, ValidationError, ValueError):
        return None
    return info if info.version == place.name and (place / ADAPTER / WEIGHTS).is_file() else None
