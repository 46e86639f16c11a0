"""Copy a person's files into a sandbox whose daemon does not see this machine's."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from gptoss_lab.errors import TooLargeError
from gptoss_lab.sandbox.data import DATA_DIR, Shown
from gptoss_lab.sandbox.file_names import is_plain
from gptoss_lab.sandbox.files import WorkingFolder
from gptoss_lab.schemas.execution import Limits

MAX_COPIED_FILES = 2000
MAX_COPIED_BYTES = 256 << 20
HINT = "Show less: single files, or a folder with the data alone."


def copied_bytes(limits: Limits) -> int:
    """Return how much is copied at most: the copy lies in the sandbox's memory."""
    return min(MAX_COPIED_BYTES, limits.disk_bytes, limits.memory_bytes // 2)


async def copy_data(shown: Sequence[Shown], folder: WorkingFolder, limits: Limits) -> None:
    """Copy what is shown to the sandbox's data folder, before its kernel answers anybody.

    Links, and names that the sandbox's own files could not have, are left out.

    Raises:
        TooLargeError: It is more than is copied, or too many files.
        SandboxError: The sandbox does not take it.
    """
    left = limit_bytes = copied_bytes(limits)
    files = await asyncio.to_thread(lambda: list(files_of(shown)))
    if len(files) > MAX_COPIED_FILES:
        raise TooLargeError(f"More than {MAX_COPIED_FILES} files would be copied to the sandbox", hint=HINT)
    for source, path in files:
        content = await asyncio.to_thread(read_regular, source, left)
        if content is None:
            raise TooLargeError(
                f"The data is larger than the {limit_bytes >> 20} MiB that are copied to a remote sandbox",
                hint=HINT,
            )
        left -= len(content)
        await folder.write_file(path, content)


def files_of(shown: Sequence[Shown]) -> Iterator[tuple[Path, str]]:
    """Yield the regular files that are shown, with their paths below the data folder, until too many."""
    count = 0
    for item in shown:
        inner = item.target.removeprefix(DATA_DIR).lstrip("/")
        if not item.is_folder:
            yield item.source, inner
            continue
        for folder, _, names in os.walk(item.source):
            for name in sorted(names):
                source = Path(folder, name)
                path = str(Path(inner, source.relative_to(item.source)))
                if not source.is_symlink() and is_plain(path):
                    yield source, path
                    count += 1
            if count > MAX_COPIED_FILES:
                return


def read_regular(path: Path, limit_bytes: int) -> bytes | None:
    """Return a regular file's content, or None when it is larger than the limit."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode) or state.st_size > limit_bytes:
            return None
        content = file.read(limit_bytes + 1)
    return content if len(content) <= limit_bytes else None
