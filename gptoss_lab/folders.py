"""Where this project keeps what it makes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import platformdirs

from gptoss_lab.errors import StorageError


def data_dir() -> Path:
    """Return our data folder, made with mode 0700 on first use.

    `GPTOSS_LAB_DATA_DIR` overrides the platform's place.

    Raises:
        StorageError: The folder cannot be made.
    """
    override = os.environ.get("GPTOSS_LAB_DATA_DIR", "")
    folder = Path(override) if override else Path(platformdirs.user_data_dir("gptoss_lab"))
    return _private(folder)


def run_dir() -> Path:
    """Return a 0700 folder for sockets, with a path short enough for `sockaddr_un`.

    Source: https://man7.org/linux/man-pages/man7/unix.7.html (107 bytes and a NUL)

    Raises:
        StorageError: The folder cannot be made, or belongs to someone else.
    """
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(base) / "gptoss_lab" if base else Path(f"/tmp/gptoss_lab-{os.getuid()}")  # noqa: S108 - owner and mode are checked
    folder = _private(folder)
    state = folder.stat()
    if state.st_uid != os.getuid() or stat.S_IMODE(state.st_mode) & 0o077:
        raise StorageError(
            f"{folder} is not a private folder of this user", hint=f"Remove {folder}, or set XDG_RUNTIME_DIR."
        )
    return folder


def _private(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot be made: {error.strerror}") from error
    return folder
