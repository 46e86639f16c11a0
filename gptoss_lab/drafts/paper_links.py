"""Links from a notebook to a place in a paper.

Source: JupyterLab and browsers open a PDF at `#page=N`: https://www.rfc-editor.org/rfc/rfc8118#section-3
"""

from __future__ import annotations

import posixpath
from urllib.parse import quote

from gptoss_lab.drafts.report_markdown import escaped
from gptoss_lab.schemas.papers import Place

_WEB = ("https://", "http://")
_PAGED = (".pdf",)
_ANCHORED = (".html", ".htm", ".xhtml")


def place_link(file: str, place: Place, notebook: str) -> str:
    """Return Markdown that names a place and links to it; only its name where there is no file.

    Args:
        file: A path, or a web address.
        place: Where in it.
        notebook: The path of the notebook, on the same ground as `file`; empty where it is not known.
    """
    name = place_name(place)
    return f"[{name}](<{address(file, place, notebook)}>)" if file and name else name


def place_name(place: Place) -> str:
    """Return what a place is called, as Markdown."""
    if place.page:
        return f"page {place.page}"
    section = place.section[-1] if place.section else ""
    return escaped(" ".join(section.split())[:80]) or ("the paper" if place.anchor else "")


def address(file: str, place: Place, notebook: str) -> str:
    """Return an address relative to the notebook; of a paper on the web, its own."""
    path = file.partition("?")[0].lower()
    target = ""
    if place.page and (path.endswith(_PAGED) or "/pdf/" in path):
        target = f"#page={place.page}"
    elif place.anchor and (path.endswith(_ANCHORED) or (file.startswith(_WEB) and not place.page)):
        target = f"#{quote(place.anchor, safe='.-_')}"
    if file.startswith(_WEB):
        return quote(file.partition("#")[0], safe=":/?&=%~+,;@") + target
    folder = posixpath.dirname(notebook)
    same_ground = posixpath.isabs(file) == posixpath.isabs(notebook)
    relative = posixpath.relpath(file, folder or ".") if notebook and same_ground else file
    return quote(relative) + target
