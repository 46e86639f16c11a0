"""A marked block in a file that is somebody's own: written once, removed whole, nothing else touched."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.errors import RequestError, StorageError


@dataclass(frozen=True, slots=True)
class Block:
    """Lines between two that mark them.

    Args:
        begin: The first line.
        end: The last line.
        body: What stands between them, with its last line ended.
    """

    begin: str
    end: str
    body: str

    @property
    def text(self) -> str:
        """The block as it is written."""
        return f"{self.begin}\n{self.body}{self.end}\n"

    def is_in(self, text: str) -> bool:
        """Say whether the block is there."""
        return self.begin in text.splitlines()

    def added_to(self, text: str, path: Path) -> str:
        """Return a file's text with the block, once, at its end.

        Raises:
            RequestError: What is there of a block is damaged.
        """
        own = self.removed_from(text, path)
        gap = "" if not own or own.endswith("\n\n") else "\n" if own.endswith("\n") else "\n\n"
        return f"{own}{gap}{self.text}"

    def removed_from(self, text: str, path: Path) -> str:
        """Return a file's text without the block, and all else as it was.

        Raises:
            RequestError: What is there of a block is damaged.
        """
        lines = text.splitlines(keepends=True)
        begins = [place for place, line in enumerate(lines) if line.rstrip("\r\n") == self.begin]
        ends = [place for place, line in enumerate(lines) if line.rstrip("\r\n") == self.end]
        if not begins and not ends:
            return text
        if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
            raise RequestError(
                f"The block of gptoss_lab in {path} is damaged, so the file was left as it is",
                hint=f"Remove by hand the lines {self.begin!r} and {self.end!r}, and all between.",
            )
        before, after = lines[: begins[0]], lines[ends[0] + 1 :]
        if before and before[-1].strip() == "" and not after:
            before.pop()
        return "".join([*before, *after])


def read_own(path: Path) -> str:
    """Return a file's text; empty where there is none yet.

    Raises:
        RequestError: It cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}", hint="Check the file.") from error
    except ValueError as error:
        raise RequestError(
            f"{path} is not UTF-8 text, so it was left as it is",
            hint="Mend or move the file, then try again.",
        ) from error


def write_own(path: Path, text: str) -> None:
    """Write a file at once or not at all; remove it where nothing is left.

    Raises:
        StorageError: The folder or the file cannot be written.
    """
    place = path.resolve()
    try:
        if not text.strip():
            place.unlink(missing_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
        _replace(place, text, mode)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def _replace(place: Path, text: str, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=place.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(place)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
