"""Whose an index is. One file per person and index, named by hashes, so that many servers may write."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from gptoss_lab.documents.index_writer import storage_errors

FOLDER = "holders"
COMMON = "common"
WRITTEN = "written"


class Holders:
    """Knows who asked for an index. Every method blocks.

    An index that nobody asked for by name, as one of the command line or of an earlier version, is everyone's
    who may use this folder. So is what is done for nobody: an empty owner sees and holds all.

    Args:
        folder: Where the indexes lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def begin(self, corpus: str, *, existed: bool) -> None:
        """Note that an index is about to be written, before it lies where everyone could see it.

        Args:
            corpus: The index.
            existed: Whether one was there before: without a holder it was everyone's, and stays so.

        Raises:
            StorageError: The disk is full or not writable.
        """
        place = self._folder / corpus
        with storage_errors(place):
            if existed and not self.held(corpus):
                _touch(place / COMMON)
            _touch(place / WRITTEN)

    def hold(self, corpus: str, owner: str) -> None:
        """Note that an owner has an index that is there; an empty owner has it for everyone.

        Raises:
            StorageError: The disk is full or not writable.
        """
        place = self._folder / corpus
        with storage_errors(place):
            if not self.held(corpus):
                _touch(place / COMMON)
            _touch(place / _name(owner))
            (place / WRITTEN).unlink(missing_ok=True)

    def holds(self, corpus: str, owner: str) -> bool:
        """Say whether an owner has asked for an index."""
        return (self._folder / corpus / _name(owner)).is_file()

    def held(self, corpus: str) -> bool:
        """Say whether anybody has, by name or for everyone, or is about to."""
        try:
            return any((self._folder / corpus).iterdir())
        except FileNotFoundError:
            return False

    def forsaken(self, corpus: str) -> bool:
        """Say whether an index was written and nobody got it; that it was written is then forgotten."""
        place = self._folder / corpus
        if not place.is_dir() or {path.name for path in place.iterdir()} != {WRITTEN}:
            return False
        return self.leave(corpus, "")

    def sees(self, corpus: str, owner: str) -> bool:
        """Say whether an owner may know that an index is there."""
        if not owner or self.holds(corpus, owner) or self.holds(corpus, ""):
            return True
        return not self.held(corpus)

    def leave(self, corpus: str, owner: str) -> bool:
        """Forget that an owner has an index, and that it is everyone's; say whether nobody is left.

        An empty owner forgets all of them.
        """
        place = self._folder / corpus
        names = {_name(owner), COMMON, WRITTEN}
        with contextlib.suppress(FileNotFoundError):
            for path in place.iterdir():
                if not owner or path.name in names:
                    path.unlink(missing_ok=True)
        if self.held(corpus):
            return False
        with contextlib.suppress(OSError):  # somebody asks for it in this moment, or nobody ever did
            place.rmdir()
        return True


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)


def _name(owner: str) -> str:
    """Return the name of an owner's file: a user name may hold anything, a file name may not."""
    return hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()[:32] if owner else COMMON
