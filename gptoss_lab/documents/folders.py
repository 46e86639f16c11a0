"""The files of a folder or a single file, with their hashes; nothing outside the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
# A file changed this shortly before it was hashed may change again within one tick of its clock: two
# seconds where a time is told in whole ones, as FAT and some network file systems do.
_RACY_NS = 100_000_000
_RACY_COARSE_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was when it was read. `ctime_ns` is 0 where it may have changed since, unnoticed."""

    sha256: str
    size: int
    mtime_ns: int
    ctime_ns: int
    media: Media


Known = Mapping[str, KnownFile]


def read_one(path: Path, config: DocumentConfig) -> FileToRead:
    """Return a single file, its content hashed.

    Raises:
        SourceNotFoundError: There is no such file.
        SourceRefusedError: It is not a regular file, not readable, or binary.
        SourceLimitError: It is too large.
    """
    return _file(path, path.name, config, None)


def read_folder(
    root: Path, config: DocumentConfig, known: Known, report: Callable[[str, int], None] = lambda *_: None
) -> tuple[list[FileToRead], list[str]]:
    """Return the files of a folder that we can read, and what was left out.

    Args:
        root: The folder.
        config: The limits.
        known: The files of an earlier index: these are not read again while their size stays, and
            their times, of which no program sets the second.
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
            file = _file(path, name, config, known.get(name))
        except DocumentError as error:
            warnings.append(f"{name} was left out: {error.message}")
            continue
        total += file.size
        if total > config.max_total_bytes or len(found) >= config.max_files:
            raise SourceLimitError(
                f"{root} holds more than {config.max_files} files or {config.max_total_bytes >> 20} MB",
                hint="Point at one of its subfolders.",
            )
        found.append(file)
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
        # Folders that are links are not entered, so that a file alone can lead elsewhere.
        real = path.resolve() if path.is_symlink() else path
        if real.is_relative_to(root):
            yield path
        else:
            away.append((path.relative_to(root).as_posix(), real.parent))


def _file(path: Path, name: str, config: DocumentConfig, known: KnownFile | None) -> FileToRead:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise SourceRefusedError(f"{path.name} is not a regular file")
        if state.st_size > config.max_file_bytes:
            raise SourceLimitError(
                f"{path.name} has {_mb(state.st_size)} MB; at most {_mb(config.max_file_bytes)} MB are read",
                hint="Split it, or point at the part that you need.",
            )
        # What is known of it holds where nothing says that it changed.
        now = (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        if known is not None and known.ctime_ns and now == (known.size, known.mtime_ns, known.ctime_ns):
            digest, media, times = known.sha256, known.media, now[1:]
        else:
            times = (now[1], 0) if _is_young(state) else now[1:]
            digest, media = _read(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    return FileToRead(
        path=name,
        location=str(path),
        sha256=digest,
        size=state.st_size,
        mtime_ns=times[0],
        ctime_ns=times[1],
        media=media,
    )


def _is_young(state: os.stat_result) -> bool:
    """Say whether a file may change again, from now on, without another time than it has.

    Source: https://git-scm.com/docs/racy-git
    """
    age = time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns)
    coarse = not state.st_mtime_ns % _SECOND_NS and not state.st_ctime_ns % _SECOND_NS
    return age < (_RACY_COARSE_NS if coarse else _RACY_NS)


def _read(path: Path) -> tuple[str, Media]:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        head = stream.read(_SNIFF_BYTES)
        media = sniff(head, path.name)
        digest.update(head)
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest(), media


def _unreadable(path: Path, error: OSError) -> DocumentError:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return SourceNotFoundError(
            f"There is no file {path}", hint="Check the path; it is read on the server."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.ELOOP}:
        return SourceRefusedError(f"{path.name} is not readable: {error.strerror}")
    return DocumentError(f"{path.name} cannot be read: {error.strerror}")


def _mb(size: int) -> str:
    return f"{size / (1 << 20):.0f}" if size >= 1 << 20 else f"{size / (1 << 20):.2f}"
