"""Which commit of a repository was found first: the one that stays."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path

from gptoss_lab.errors import StorageError

COMMIT = re.compile(r"[0-9a-f]{40}")
MOST_BYTES = 1 << 20


class Pins:
    """A small file beside the weights. A file that cannot be read pins nothing."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def find(self, repo: str, revision: str) -> str:
        """Return the commit of a revision, or "" where it is not known. A commit is its own. Blocks."""
        if COMMIT.fullmatch(revision):
            return revision
        commit = self._read().get(f"{repo}@{revision}", "")
        return commit if COMMIT.fullmatch(commit) else ""

    def keep(self, repo: str, revision: str, commit: str) -> None:
        """Remember a commit. Blocks.

        Raises:
            StorageError: The file cannot be written.
        """
        if self.find(repo, revision) == commit:
            return
        text = json.dumps({**self._read(), f"{repo}@{revision}": commit}, indent=1, sort_keys=True)
        try:
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".pins-")
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
            Path(name).replace(self._file)
        except OSError as error:
            raise StorageError(f"{self._file} cannot be written: {error.strerror}") from error

    def _read(self) -> dict[str, str]:
        with contextlib.suppress(OSError, ValueError):
            if self._file.stat().st_size < MOST_BYTES:
                said = json.loads(self._file.read_text(encoding="utf-8"))
                if isinstance(said, dict):
                    return {str(key): str(value) for key, value in said.items()}
        return {}
