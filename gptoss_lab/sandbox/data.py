"""What of a person's files a sandbox is shown: checked here, read-only at `/data` there.

The caller has the person's consent and has resolved the paths; here it is made sure that what is
shown is files and folders, and nothing of ours or of the system.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

from gptoss_lab.errors import PolicyError, RequestError
from gptoss_lab.folders import data_dir, run_dir
from gptoss_lab.sandbox.file_names import is_plain

DATA_DIR = "/data"
MAX_SHOWN = 16
MAX_LOOKED_AT = 1_000_000
SYSTEM = ("boot", "dev", "etc", "proc", "run", "sys", "var/run", "var/lib/docker")
SECRETS = (".aws", ".azure", ".config/gcloud", ".docker", ".gnupg", ".kube", ".netrc", ".ssh")
CHOOSE = "Choose a folder that holds the data alone, or single files."


@dataclass(frozen=True, slots=True)
class Shown:
    """A file or folder of this machine and where the sandbox sees it."""

    source: Path
    target: str
    is_folder: bool


def check_data(paths: Any, *, allowed: bool) -> tuple[Shown, ...]:
    """Return what is shown and where: one folder is `/data` itself, else each has its name there.

    This walks through the folders: call it in a thread.

    Args:
        paths: Absolute paths that a person agreed to show.
        allowed: Whether the administrator lets them.

    Raises:
        PolicyError: It may not be shown.
        RequestError: It is no list of paths, or two of them have one name.
    """
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str | Path) for path in paths):
        raise RequestError("The data to show is no list of paths")
    if paths and not allowed:
        raise PolicyError(
            "This server does not show files to sandboxes",
            hint="Ask the administrator to set `allow_data` in the sandbox's configuration.",
        )
    if len(paths) > MAX_SHOWN:
        raise RequestError(f"No more than {MAX_SHOWN} files and folders can be shown", hint=CHOOSE)
    sources = [_checked(Path(path)) for path in paths]
    if len(sources) == 1 and sources[0].is_dir():
        return (Shown(sources[0], DATA_DIR, is_folder=True),)
    names = [source.name for source in sources]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RequestError(f"Two of the files to show are named {twice}", hint="Show the folder above them.")
    return tuple(Shown(source, f"{DATA_DIR}/{source.name}", source.is_dir()) for source in sources)


def require_readable(shown: Sequence[Shown]) -> None:
    """Refuse what others than its owner may not read: the sandbox's user is another one.

    Raises:
        PolicyError: The mode of a file or folder forbids it.
    """
    for item in shown:
        mode = item.source.stat().st_mode
        needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
        if mode & needed != needed:
            raise PolicyError(
                f"{item.source} is not readable by the sandbox, which runs as another user",
                hint=f"Let others read it (`chmod o+rX '{item.source}'`), or copy the data elsewhere.",
            )


def _checked(path: Path) -> Path:
    """Return a path that may be shown.

    Raises:
        PolicyError: It may not.
    """
    if not path.is_absolute() or not is_plain(path.name):
        raise PolicyError(f"{str(path)[:200]!r} cannot be shown to a sandbox", hint=CHOOSE)
    try:
        resolved = path.resolve(strict=True)
        mode = resolved.stat().st_mode
    except (OSError, RuntimeError) as error:
        raise PolicyError(f"{path} is not there, or cannot be read", hint="Check the path.") from error
    if resolved != path:
        raise PolicyError(f"{path} leads through a link to {resolved}", hint="Name the place itself.")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise PolicyError(f"{path} is neither a regular file nor a folder", hint=CHOOSE)
    for kept in _protected():
        if resolved.is_relative_to(kept) or kept.is_relative_to(resolved):
            raise PolicyError(f"{path} is, holds or lies in {kept}, which no sandbox sees", hint=CHOOSE)
    if stat.S_ISDIR(mode):
        _refuse_special(resolved)
    return resolved


def _protected() -> Iterator[Path]:
    """Yield what no sandbox sees: the system's places, this project's, Jupyter's, and keys."""
    yield from (Path("/", name) for name in SYSTEM)
    jupyter = (jupyter_runtime_dir(), jupyter_data_dir(), jupyter_config_dir())
    yield from (place.resolve() for place in (data_dir(), run_dir(), *map(Path, jupyter)))
    home = Path.home()
    yield from ((home / name).resolve() for name in SECRETS if (home / name).exists())


def _refuse_special(folder: Path) -> None:
    """Refuse a folder with a socket, pipe or device in it: a read-only mount does not close those.

    Raises:
        PolicyError: There is one, or there are too many files to tell.
    """
    looked_at = 0
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    looked_at += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif not (entry.is_symlink() or entry.is_file(follow_symlinks=False)):
                        raise PolicyError(
                            f"{entry.path} is a socket, a pipe or a device, and could be used from inside",
                            hint=CHOOSE,
                        )
        except PermissionError:
            continue  # what this server may not read, the sandbox may not either
        if looked_at > MAX_LOOKED_AT:
            raise PolicyError(f"{folder} holds more than {MAX_LOOKED_AT} files", hint=CHOOSE)
