"""What a person agrees to show to a sandbox, named on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gptoss_lab.errors import NotFoundError


def shown_paths(paths: Iterable[Path]) -> tuple[str, ...]:
    """Return the absolute paths, with links resolved: whoever calls the command may read them.

    Raises:
        NotFoundError: One is not there.
    """
    return tuple(map(_resolved, paths))


def _resolved(path: Path) -> str:
    try:
        return str(path.expanduser().resolve(strict=True))
    except (OSError, RuntimeError) as error:
        raise NotFoundError(f"There is no file or folder {path} to show", hint="Check --data.") from error
