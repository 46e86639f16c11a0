"""The notebooks that a person names: files, and all below folders, one at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gptoss_lab.errors import NotFoundError, RequestError

SUFFIX = ".ipynb"
MAX_BYTES = 64 << 20
_PASSED_BY = frozenset({".ipynb_checkpoints", ".git", "node_modules", "__pycache__", ".venv"})


def find_notebooks(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each notebook once, sorted within its folder, and what the dataset calls it.

    The name is the path below what was named, so that it says nothing of the folders above. Links are not
    followed.

    Raises:
        NotFoundError: A path is not there.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if not path.exists():
            raise NotFoundError(f"There is no {path}", hint="Name notebooks, or folders that hold some.")
        for file in _below(path):
            try:
                state = file.stat()
            except OSError:
                continue  # it has gone meanwhile
            if (state.st_dev, state.st_ino) not in seen:
                seen.add((state.st_dev, state.st_ino))
                yield file, file.relative_to(path).as_posix() if path.is_dir() else file.name


def read_notebook(file: Path) -> Any:
    """Return a notebook as JSON.

    Raises:
        RequestError: It cannot be read, is too large, or is not JSON.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{file.name} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise RequestError(f"{file.name} is larger than {MAX_BYTES >> 20} MB", hint="Clear its outputs.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{file.name} is no notebook: it is not JSON") from error


def _below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for parent, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _PASSED_BY)
        for name in sorted(files):
            file = Path(parent, name)
            if name.endswith(SUFFIX) and not file.is_symlink():
                yield file
