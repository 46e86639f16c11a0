"""Archives, unpacked within limits: what they say of their sizes is not believed, only what they hold."""

from __future__ import annotations

import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar, cast

from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.errors import DocumentError, SourceLimitError

_BLOCK = 1 << 16
_MAX_NAME = 200
_MAX_DEPTH = 12
_ENCRYPTED = 0x1
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


_Member = TypeVar("_Member", zipfile.ZipInfo, tarfile.TarInfo)


class Unpacker:
    """Unpacks one archive into an empty folder.

    Args:
        folder: Where the files are laid; nothing is ever written outside.
        max_bytes: How much all files may hold.
        max_file_bytes: How much one may hold.
        max_files: How many there may be.
    """

    def __init__(self, folder: Path, *, max_bytes: int, max_file_bytes: int, max_files: int) -> None:
        self.skipped: list[str] = []
        self._folder = folder
        self._most = self._room = max_bytes
        self._file_bytes, self._files = max_file_bytes, max_files

    def unpack(self, archive: Path, name: str) -> None:
        """Unpack a zip, a tar that may be compressed, or one compressed file.

        Raises:
            DocumentError: It is broken, or protected by a password.
            SourceLimitError: It holds more than is allowed.
        """
        try:
            if zipfile.is_zipfile(archive):
                self._zip(archive, name)
            elif tarfile.is_tarfile(archive):
                self._tar(archive, name)
            else:
                self._gzip(archive, name)
        except _BROKEN as error:
            raise DocumentError(
                f"{name} is not an archive that can be unpacked: {error}", hint="Download it once more."
            ) from error

    def _zip(self, archive: Path, name: str) -> None:
        with zipfile.ZipFile(archive) as opened:
            for member in self._counted(iter(opened.infolist()), name):
                if member.flag_bits & _ENCRYPTED:
                    raise DocumentError(
                        f"{name} is protected by a password",
                        hint="Unpack it yourself and point at the folder.",
                    )
                link = stat.S_ISLNK(member.external_attr >> 16)
                if member.is_dir() or link:
                    self._skip(member.filename, skipped=link)
                    continue
                with opened.open(member) as source:
                    self._write(member.filename, source, name, member.file_size)

    def _tar(self, archive: Path, name: str) -> None:
        with tarfile.open(archive, "r:*") as opened:
            for member in self._counted(iter(opened), name):
                source = opened.extractfile(member) if member.isreg() else None
                if source is None:
                    self._skip(member.name, skipped=not member.isdir())
                    continue
                with source:
                    self._write(member.name, source, name, member.size)

    def _gzip(self, archive: Path, name: str) -> None:
        with gzip.open(archive) as source:
            self._write("main.tex", cast("IO[bytes]", source), name, 0)

    def _counted(self, members: Iterator[_Member], name: str) -> Iterator[_Member]:
        for count, member in enumerate(members, start=1):
            if count > self._files:
                raise SourceLimitError(f"{name} holds more than {self._files} files")
            yield member

    def _skip(self, inner: str, *, skipped: bool) -> None:
        if skipped:
            self.skipped.append(strip_invisible(inner)[:_MAX_NAME])

    def _write(self, inner: str, source: IO[bytes], name: str, stated: int) -> None:
        target = self._target(inner)
        if target is None:
            self._skip(inner, skipped=True)
            return
        if stated > self._file_bytes:
            raise _too_large(name, self._file_bytes)
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with target.open("wb") as out:
            while block := source.read(_BLOCK):
                size += len(block)
                self._room -= len(block)
                if size > self._file_bytes or self._room < 0:
                    raise _too_large(name, min(size, self._file_bytes))
                out.write(block)

    def _target(self, inner: str) -> Path | None:
        """Return where a member is laid; None for a name that leads outside, or nowhere."""
        parts = PurePosixPath(inner.replace("\\", "/")).parts
        odd = any(part in {"..", "/"} or len(part) > _MAX_NAME or not part.isprintable() for part in parts)
        if not parts or odd or len(parts) > _MAX_DEPTH or ":" in parts[0]:
            return None
        target = self._folder.joinpath(*parts)
        inside = target.resolve().is_relative_to(self._folder.resolve())
        return target if inside and not target.exists() else None


def _too_large(name: str, most: int) -> SourceLimitError:
    return SourceLimitError(
        f"{name} unpacks to more than is allowed ({most / (1 << 20):.0f} MB)",
        hint="Unpack it yourself and point at the file of the paper.",
    )
