"""Papers that were read, kept by what they held and by the version of the reader."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.papers import READER_VERSION
from gptoss_lab.papers.kinds import files_of
from gptoss_lab.schemas.papers import Paper

_BLOCK = 1 << 20
_TEMPORARY = ".tmp-"
_OLD_S = 86_400.0


class PaperStore:
    """Keeps papers in a folder. Every method may block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder, and clear what a dead process left.

        Raises:
            StorageError: The folder cannot be made.
        """
        with storage_errors(self._folder / "papers"):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in self._folder.glob(f"{_TEMPORARY}*"):
                if time.time() - path.stat().st_mtime > _OLD_S:
                    shutil.rmtree(path, ignore_errors=True)

    def workplace(self) -> Path:
        """Return a new empty folder for one paper.

        Raises:
            StorageError: It cannot be made.
        """
        self.prepare()
        path = self._folder / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(6)}"
        with storage_errors(path):
            path.mkdir(mode=0o700)
        return path

    def get(self, paper_id: str) -> Paper | None:
        """Return a paper; None where it is not kept, or what is kept cannot be read."""
        try:
            return Paper.model_validate_json((self._folder / f"{paper_id}.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def put(self, paper: Paper) -> None:
        """Keep a paper.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        self._write(f"{paper.id}.json", paper.model_dump_json().encode())

    def fetched(self, uri: str, fresh_s: float) -> Paper | None:
        """Return the paper that was fetched under a name not long ago, with what was said of that."""
        path = self._folder / _entry(uri)
        try:
            if time.time() - path.stat().st_mtime > fresh_s:
                return None
            paper_id, *told = path.read_text(encoding="utf-8").split("\n")
        except (OSError, ValueError):
            return None
        paper = self.get(paper_id)
        return with_notes(paper, told) if paper is not None else None

    def remember(self, uri: str, paper_id: str, told: Sequence[str]) -> None:
        """Keep which paper a name stood for, and what was said when it was fetched.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        lines = [paper_id, *(" ".join(sentence.split()) for sentence in told)]
        self._write(_entry(uri), "\n".join(lines).encode())

    def _write(self, name: str, data: bytes) -> None:
        path = self._folder / name
        temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(6)}")
        with storage_errors(path):
            temporary.write_bytes(data)
            temporary.chmod(0o600)
            temporary.replace(path)


def with_notes(paper: Paper, told: Sequence[str]) -> Paper:
    """Return a paper with what is to be said of how it was had."""
    return paper.model_copy(update={"warnings": (*(note for note in told if note), *paper.warnings)})


def _entry(uri: str) -> str:
    return f"{hashlib.sha256(uri.encode()).hexdigest()[:32]}.uri"


def paper_id(location: Path, name: str, form: str) -> str:
    """Return the id of the paper in a file or folder: a hash of its content and of how it is read."""
    digest = hashlib.sha256(f"{READER_VERSION}\n{form}\n{Path(name).suffix}\n".encode())
    if location.is_dir():
        for path in files_of(location):
            digest.update(f"{path.relative_to(location)}\n".encode())
            _add(digest, path)
    else:
        _add(digest, location)
        if location.suffix.lower() in {".tex", ".ltx", ".rnw"}:
            for part in sorted(location.parent.glob("**/*.tex"))[:300]:
                state = part.stat()
                digest.update(f"{part.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return f"p{digest.hexdigest()[:20]}"


def _add(digest: hashlib._Hash, path: Path) -> None:
    with path.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
