"""The files of a folder or a single file, with their hashes; nothing outside the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gptoss_lab.documents.formats import Media, media_of, sniff
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig

_SKIPPED_FOLDERS = frozenset({
    "_static",
    "_sources",
    "_images",
    "_downloads",
    "node_modules",
    "__pycache__",
    "site-packages",
})
_SKIPPED_FILES = frozenset({"genindex.html", "py-modindex.html", "search.html", "genindex-all.html"})
_SNIFF_BYTES = 4096
# A file changed this shortly before it was hashed may change again within one tick of its clock.
_RACY_NS = 2_000_000_000

Known = Mapping[str, tuple[str, int, int]]


def read_one(path: Path, config: DocumentConfig) -> FileToRead:
    """Return a single file, its content hashed.

    Raises:
        SourceNotFoundError: There is no such file.
        SourceRefusedError: It is not a regular file, not readable, or binary.
        SourceLimitError: It is too large.
    """
    media, size, mtime_ns = _look(path, config)
    return FileToRead(
        path=path.name, location=str(path), sha256=_hash(path), size=size, mtime_ns=mtime_ns, media=media
    )


def read_folder(
    root: Path, config: DocumentConfig, known: Known, report: Callable[[str, int], None] = lambda *_: None
) -> tuple[list[FileToRead], list[str]]:
    """Return the files of a folder that we can read, and what was left out.

    Args:
        root: The folder.
        config: The limits.
        known: Hash, size and time of the files of an earlier index: these are not hashed again
            while size and time stay.
        report: Told the path and the number of files so far.

    Raises:
        DocumentError: Nothing in it can be read.
        SourceRefusedError: It is not readable.
        SourceLimitError: It holds too much.
    """
    if not os.access(root, os.R_OK | os.X_OK):
        raise SourceRefusedError(f"The folder {root} is not readable")
    found: list[FileToRead] = []
    warnings: list[str] = []
    away: list[tuple[str, Path]] = []
    total = 0
    real_root = root.resolve()
    for path in _walk_inside(real_root, away):
        name = path.relative_to(real_root).as_posix()
        try:
            media, size, mtime_ns = _look(path, config)
            digest = _known_hash(known.get(name), size, mtime_ns) or _hash(path)
        except DocumentError as error:
            warnings.append(f"{name} was left out: {error.message}")
            continue
        total += size
        if total > config.max_total_bytes or len(found) >= config.max_files:
            raise SourceLimitError(
                f"{root} holds more than {config.max_files} files or {config.max_total_bytes >> 20} MB",
                hint="Point at one of its subfolders.",
            )
        found.append(
            FileToRead(
                path=name, location=str(path), sha256=digest, size=size, mtime_ns=mtime_ns, media=media
            )
        )
        report(name, len(found))
    warnings[:0] = _told_links(away)
    if not found:
        raise DocumentError(
            f"The folder {root} holds no documentation" + (f": {warnings[0]}" if warnings else ""),
            hint="It must hold HTML, Markdown, reStructuredText, notebooks (.ipynb), text or PDF files.",
        )
    return found, warnings


def _told_links(away: list[tuple[str, Path]]) -> list[str]:
    """Say what was left out because it is a link out of the folder, once for each place it leads to."""
    counts = Counter(place for _, place in away)
    first = {place: name for name, place in reversed(away)}
    return [
        f"{first[place]}{f' and {count - 1} more were' if count > 1 else ' was'} left out: "
        f"links to {place}, outside the folder; point at that folder to read it"
        for place, count in counts.items()
    ]


def folder_hash(files: list[FileToRead]) -> str:
    """Return one hash for the names and the contents of all files."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.path):
        digest.update(f"{file.path}\0{file.sha256}\0".encode())
    return digest.hexdigest()


def _walk(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        for name in sorted(files):
            if media_of(name) and not name.startswith(".") and name not in _SKIPPED_FILES:
                yield Path(folder, name)


def _walk_inside(root: Path, away: list[tuple[str, Path]]) -> Iterator[Path]:
    """Yield the files; those that are links to another place are added to `away` with that place."""
    for path in _walk(root):
        real = path.resolve()
        if real.is_relative_to(root):
            yield path
        else:
            away.append((path.relative_to(root).as_posix(), real.parent))


def _look(path: Path, config: DocumentConfig) -> tuple[Media, int, int]:
    try:
        state = path.stat()
        if not path.is_file():
            raise SourceRefusedError(f"{path.name} is not a regular file")
        if state.st_size > config.max_file_bytes:
            raise SourceLimitError(
                f"{path.name} has {_mb(state.st_size)} MB; at most {_mb(config.max_file_bytes)} MB are read",
                hint="Split it, or point at the part that you need.",
            )
        with path.open("rb") as stream:
            return sniff(stream.read(_SNIFF_BYTES), path.name), state.st_size, state.st_mtime_ns
    except OSError as error:
        raise _unreadable(path, error) from error


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()


def _unreadable(path: Path, error: OSError) -> DocumentError:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return SourceNotFoundError(
            f"There is no file {path}", hint="Check the path; it is read on the server."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.ELOOP}:
        return SourceRefusedError(f"{path.name} is not readable: {error.strerror}")
    return DocumentError(f"{path.name} cannot be read: {error.strerror}")


def _known_hash(known: tuple[str, int, int] | None, size: int, mtime_ns: int) -> str:
    if known is None or known[1:] != (size, mtime_ns) or time.time_ns() - mtime_ns < _RACY_NS:
        return ""
    return known[0]


def _mb(size: int) -> str:
    return f"{size / (1 << 20):.0f}" if size >= 1 << 20 else f"{size / (1 << 20):.2f}"
