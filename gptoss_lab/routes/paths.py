"""File sources of a request, seen from the folder that the person sees in JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gptoss_lab.errors import NotFoundError, PolicyError, SourceNotFoundError, SourceRefusedError

if TYPE_CHECKING:
    from gptoss_lab.schemas.documents import DocSource

_URL = re.compile(r"https?://", re.IGNORECASE)
_R_PACKAGE = re.compile(r"r:[A-Za-z]", re.IGNORECASE)
_PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def is_bare(source: DocSource) -> bool:
    """Say whether a source may be the name of a package: no kind was given, and it is no path."""
    return source.kind == "auto" and _PACKAGE.fullmatch(source.uri) is not None


def is_path(uri: str, kind: str) -> bool:
    """Say whether a source, as it was sent, can only be a file or folder."""
    if kind != "auto":
        return kind in {"file", "folder"}
    return not (_URL.match(uri) or _R_PACKAGE.match(uri) or _PACKAGE.fullmatch(uri))


def resolve_source(source: DocSource, root: Path | None) -> DocSource:
    """Return the source with an absolute path, where it is a path.

    This looks at the disk: call it in a thread.

    Args:
        source: The source as it was sent.
        root: The folder that JupyterLab shows, or None where its files are not on this disk.

    Raises:
        SourceNotFoundError: No file can have that path.
        SourceRefusedError: It is a path, and the files that the person sees are elsewhere.
    """
    if source.kind in {"package", "url"} or (source.kind == "auto" and _URL.match(source.uri)):
        return source
    if root is None:
        return _without_disk(source)
    try:
        path = Path(source.uri).expanduser() if source.uri.startswith("~") else Path(source.uri)
        is_there = (root / path).exists()
    except (OSError, RuntimeError, ValueError) as error:
        # Too long, of a person who is not there, or with a NUL in it.
        raise SourceNotFoundError(f"Nothing can be called {source.uri[:200]!r}") from error
    return (
        source.model_copy(update={"uri": str(root / path)}) if is_there or source.kind != "auto" else source
    )


def resolve_data(path: str, root: Path | None) -> str:
    """Return the absolute path, links resolved, of a file or folder that a person agrees to show.

    This looks at the disk: call it in a thread.

    Args:
        path: The path as it was sent, from the folder that JupyterLab shows.
        root: That folder, or None where its files are not on this disk.

    Raises:
        NotFoundError: It is not there.
        PolicyError: It leads out of that folder, or there is none.
    """
    if root is None:
        raise PolicyError(
            "The files of this Jupyter Server are not on its own disk, and cannot be shown to a sandbox",
            hint="Send the files with the execution instead.",
        )
    try:
        found = (root / path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise NotFoundError(
            f"There is no file or folder {path[:200]!r} to show", hint="Check the path."
        ) from error
    if not found.is_relative_to(root.resolve()):
        raise PolicyError(
            f"{path[:200]!r} leads out of the folder that JupyterLab shows", hint="Choose something in it."
        )
    return str(found)


def _without_disk(source: DocSource) -> DocSource:
    if is_bare(source):
        return source.model_copy(update={"kind": "package"})
    raise SourceRefusedError(
        f"{source.uri[:200]} is a path, but the files of this Jupyter Server are not on its own disk",
        hint="Name an installed package or an http(s) address instead.",
    )
