"""Files that a request names, where another server does the work: it would look on its own disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gptoss_lab.errors import PolicyError, SourceRefusedError
from gptoss_lab.papers.names import named
from gptoss_lab.routes.paths import is_path

ELSEWHERE = "The files of this server are on another machine than the one that does the work"


def refuse_files(body: bytes) -> None:
    """Refuse a body that names files. What is not readable is refused by the one that does the work.

    Raises:
        PolicyError: It shows some to a sandbox.
        SourceRefusedError: It names one to read.
    """
    asked = read_object(body)
    if asked.get("data"):
        raise PolicyError(
            f"{ELSEWHERE}: it cannot show them to a sandbox",
            hint="Send the files with the execution instead.",
        )
    for uri in _files(asked):
        raise SourceRefusedError(
            f"{ELSEWHERE}: it cannot read {uri[:200]}",
            hint="Name an installed package, an http(s) address, an arXiv id or a DOI instead.",
        )


def _files(asked: dict[str, Any]) -> Iterator[str]:
    paper, sources = asked.get("paper"), asked.get("sources")
    for source in (asked, *(sources if isinstance(sources, list) else ())):
        uri, kind = _field(source, "uri"), _field(source, "kind") or "auto"
        if uri and is_path(uri, kind):
            yield uri
    uri = _field(paper, "uri")
    if uri and named(uri).kind == "file":
        yield uri


def _field(found: object, name: str) -> str:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def read_object(body: bytes) -> dict[str, Any]:
    """Return a body as the object that it is; an empty one where it is none."""
    try:
        read = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
