"""The block in a person's IPython configuration that makes `%%gptoss` known at first use."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import tempfile
from pathlib import Path

from gptoss_lab.errors import RequestError, StorageError

BEGIN = "# >>> gptoss_lab magic: `jupyter gptoss magic enable` wrote this, `disable` removes it >>>"
END = "# <<< gptoss_lab magic <<<"
BLOCK = f"""\
{BEGIN}
import importlib.util as _gptoss_lab

if _gptoss_lab.find_spec("gptoss_lab"):
    c.MagicsManager.lazy_magics.update({{"gptoss": "gptoss_lab.magics"}})  # noqa: F821 - IPython gives it
{END}
"""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*\Z")


def config_path(profile: str) -> Path:
    """Return where IPython reads the configuration of a profile.

    Raises:
        RequestError: That is no name of a profile.
    """
    if not _NAME.match(profile):
        raise RequestError(f"{profile!r} is no name of an IPython profile", hint="Check --profile.")
    base = os.environ.get("IPYTHONDIR", "")
    folder = Path(base).expanduser() if base else Path.home() / ".ipython"
    return folder / f"profile_{profile}" / "ipython_config.py"


def read_config(path: Path) -> str:
    """Return the configuration; empty where there is none yet.

    Raises:
        RequestError: It is not text, or not a configuration that IPython can read.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        ast.parse(text)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}", hint="Check the file.") from error
    except (ValueError, SyntaxError) as error:
        raise RequestError(
            f"{path} is not a configuration that IPython can read, so it was left as it is",
            hint="Mend or move the file, then try again.",
        ) from error
    return text


def has_block(text: str) -> bool:
    """Say whether the block is there."""
    return BEGIN in text.splitlines()


def with_block(text: str, path: Path) -> str:
    """Return the configuration with the block, once, at its end.

    Raises:
        RequestError: What is there of a block is damaged.
    """
    own = without_block(text, path)
    gap = "" if not own or own.endswith("\n\n") else "\n" if own.endswith("\n") else "\n\n"
    return f"{own}{gap}{BLOCK}"


def without_block(text: str, path: Path) -> str:
    """Return the configuration without the block, and all else as it was.

    Raises:
        RequestError: What is there of a block is damaged.
    """
    lines = text.splitlines(keepends=True)
    begins = [place for place, line in enumerate(lines) if line.rstrip("\r\n") == BEGIN]
    ends = [place for place, line in enumerate(lines) if line.rstrip("\r\n") == END]
    if not begins and not ends:
        return text
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        raise RequestError(
            f"The block of gptoss_lab in {path} is damaged, so the file was left as it is",
            hint=f"Remove by hand what stands between {BEGIN!r} and {END!r}, and these two lines.",
        )
    before, after = lines[: begins[0]], lines[ends[0] + 1 :]
    if before and before[-1].strip() == "" and not after:
        before.pop()
    return "".join([*before, *after])


def write_config(path: Path, text: str) -> None:
    """Write the configuration at once or not at all; remove it where nothing is left.

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
