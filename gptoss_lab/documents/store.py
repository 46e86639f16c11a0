"""The folder of index files: one per source, replaced as a whole."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from pydantic import ValidationError

from gptoss_lab.documents import OTHER_VERSION, PARSER_VERSION
from gptoss_lab.documents.connections import CONNECTIONS
from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.errors import DocumentError, NotFoundError
from gptoss_lab.schemas.documents import CorpusInfo

_SUFFIX = ".index"
_TEMPORARY = ".tmp-"
_MARKS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz-")


class IndexStore:
    """Finds, keeps and removes index files. Every method but `temporary` may block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder and clear what a dead process left half-written.

        Raises:
            StorageError: The folder cannot be made.
        """
        with storage_errors(self.folder / "index"):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in self.folder.glob(f"{_TEMPORARY}*"):
                if not _alive(path.name):
                    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def temporary(self, name: str) -> Path:
        """Return a new path beside the indexes, for a file or folder of this process."""
        return self.folder / f"{_TEMPORARY}{os.getpid()}-{name}-{secrets.token_hex(4)}"

    def path(self, corpus_id: str) -> Path:
        """Return where the index of a corpus lies.

        Raises:
            NotFoundError: This is no corpus id.
        """
        if not corpus_id or not set(corpus_id) <= _MARKS:
            raise NotFoundError(f"There is no corpus {corpus_id!r}")
        return self.folder / f"{corpus_id}{_SUFFIX}"

    def paths(self, corpora: Sequence[str]) -> list[tuple[str, Path]]:
        """Return the index file of each corpus.

        Raises:
            NotFoundError: One does not exist.
        """
        found = [(corpus, self.path(corpus)) for corpus in dict.fromkeys(corpora)]
        for corpus, path in found:
            if not path.is_file():
                raise NotFoundError(f"There is no corpus {corpus!r}")
        return found

    def info(self, corpus_id: str) -> CorpusInfo | None:
        """Return what an index says about itself; None where there is none of this parser version."""
        return _read_info(self.path(corpus_id), corpus_id)

    def remembered(self, corpus_id: str) -> CorpusInfo | None:
        """Return what an index says about itself, also one that another version of ours built."""
        return _read_info(self.path(corpus_id), corpus_id, any_version=True)

    def age_s(self, corpus_id: str) -> float:
        """Return the seconds since the index was last known to be fresh."""
        try:
            return max(0.0, time.time() - self.path(corpus_id).stat().st_mtime)
        except FileNotFoundError:
            return float("inf")

    def confirm(self, corpus_id: str) -> None:
        """Note that the index is fresh now."""
        os.utime(self.path(corpus_id))

    def keep(self, written: Path, info: CorpusInfo) -> CorpusInfo:
        """Put a complete index file into place and return its description.

        Raises:
            StorageError: The disk is full, or the folder is not writable.
        """
        target = self.path(info.id)
        with storage_errors(target):
            info = info.model_copy(update={"size_bytes": written.stat().st_size})
            with closing(sqlite3.connect(written)) as db, db:
                db.execute("INSERT OR REPLACE INTO meta VALUES ('info', ?)", (info.model_dump_json(),))
            with written.open("rb") as stream:
                os.fsync(stream.fileno())
            written.chmod(0o600)
            written.replace(target)
            CONNECTIONS.forget(target)
            self._remove_superseded(info)
        return info

    def list(self) -> list[CorpusInfo]:
        """Return every index, the newest first; one that another version of ours built says so."""
        paths = sorted(self.folder.glob(f"*{_SUFFIX}"), key=lambda path: -path.stat().st_mtime)
        found = (_read_info(path, path.name.removesuffix(_SUFFIX), any_version=True) for path in paths)
        return [info.model_copy(update={"cached": True}) for info in found if info is not None]

    def remove(self, corpus_id: str) -> bool:
        """Delete an index; say whether there was one."""
        try:
            self.path(corpus_id).unlink()
        except FileNotFoundError:
            return False
        finally:
            CONNECTIONS.forget(self.path(corpus_id))
        return True

    def _remove_superseded(self, info: CorpusInfo) -> None:
        """Delete what another version built of the same source: its id may hold that version."""
        for other in self.list():
            same = (other.kind, other.source.uri) == (info.kind, info.source.uri)
            if other.id != info.id and same and OTHER_VERSION in other.warnings:
                self.remove(other.id)


def _read_info(path: Path, corpus_id: str, *, any_version: bool = False) -> CorpusInfo | None:
    try:
        with open_index(path, corpus_id) as reader:
            meta = reader.meta()
        ours = meta.get("parser") == str(PARSER_VERSION)
        if not ours and not any_version:
            return None
        info = CorpusInfo.model_validate_json(meta.get("info", ""))
    except (DocumentError, ValidationError):
        return None  # damaged or foreign: it is built again, as if it were not there
    return info if ours else info.model_copy(update={"warnings": (*info.warnings, OTHER_VERSION)})


def _alive(name: str) -> bool:
    pid = name.removeprefix(_TEMPORARY).partition("-")[0]
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
