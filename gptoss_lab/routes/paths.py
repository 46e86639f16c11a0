"""File sources of a request, seen from the folder that the person sees in JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gptoss_lab.errors import SourceRefusedError

if TYPE_CHECKING:
    from gptoss_lab.schemas.documents import DocSource

_URL = re.compile(r"https?://", re.IGNORECASE)
_PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def is_bare(source: DocSource) -> bool:
    """Say whether a source may be the name of a package: no kind was given, and it is no path."""
    return source.kind == "auto" and _PACKAGE.fullmatch(source.uri) is not None


def resolve_source(source: DocSource, root: Path | None) -> DocSource:
    """Return the source with an absolute path, where it is a path.

    This looks at the disk: call it in a thread.

    Args:
        source: The source as it was sent.
        root: The folder that JupyterLab shows, or None where its files are not on this disk.

    Raises:
        SourceRefusedError: It is a path, and the files that the person sees are elsewhere.
    """
    if source.kind in {"package", "url"} or (source.kind == "auto" and _URL.match(source.uri)):
        return source
    if root is None:
        return _without_disk(source)
    path = Path(source.uri).expanduser() if source.uri.startswith("~") else Path(source.uri)
    if source.kind == "auto" and not (root / path).exists():
        return source
    return source.model_copy(update={"uri": str(root / path)})


def _without_disk(source: DocSource) -> DocSource:
    if is_bare(source):
        return source.model_copy(update={"kind": "package"})
    raise SourceRefusedError(
        f"{source.uri[:200]} is a path, but the files of this Jupyter Server are not on its own disk",
        hint="Name an installed package or an http(s) address instead.",
    )
