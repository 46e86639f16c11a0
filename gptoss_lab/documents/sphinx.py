"""The symbol inventory of a Sphinx site, `objects.inv`."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from gptoss_lab.documents.blocks import Symbol, SymbolKind
from gptoss_lab.errors import DocumentError, SourceLimitError

_MAX_BYTES = 64 << 20
_MAX_LINE_CHARS = 2_000
_MAX_NAME_CHARS = 80
_LINE = re.compile(r"(.+?)\s+(\S+):(\S+)\s+(-?\d+)\s+?(\S*)\s+(.*)")
_KINDS: dict[str, SymbolKind] = {
    "module": "module",
    "class": "class",
    "exception": "class",
    "function": "function",
    "method": "method",
    "classmethod": "method",
    "staticmethod": "method",
    "attribute": "attribute",
    "property": "attribute",
    "data": "attribute",
}


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a Sphinx project documents.

    `entries` are (qualified name, kind, page, anchor); `pages` are (name, address) of all pages.
    """

    project: str
    version: str
    entries: tuple[tuple[str, SymbolKind, str, str], ...]
    pages: tuple[tuple[str, str], ...] = ()


def parse_inventory(data: bytes) -> Inventory:
    """Parse an inventory of version 2; only its Python objects and its pages are kept.

    Source: https://sphobjinv.readthedocs.io/en/stable/syntax.html

    Raises:
        DocumentError: It is not an inventory.
        SourceLimitError: It unpacks to more than 64 MB.
    """
    lines = data.split(b"\n", 4)
    if len(lines) != 5 or not lines[0].startswith(b"# Sphinx inventory version 2"):  # noqa: PLR2004 - four header lines
        raise DocumentError("The site's objects.inv is not a Sphinx inventory of version 2")
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(lines[4], _MAX_BYTES)
    except zlib.error as error:
        raise DocumentError(f"The site's objects.inv is damaged: {error}") from error
    if unpacker.unconsumed_tail:
        raise SourceLimitError("The site's objects.inv unpacks to more than 64 MB")
    header = [line.decode(errors="replace").partition(":")[2].strip() for line in lines[1:3]]
    entries: list[tuple[str, SymbolKind, str, str]] = []
    pages: list[tuple[str, str]] = []
    for line in text.decode(errors="replace").splitlines():
        match = _LINE.match(line) if len(line) <= _MAX_LINE_CHARS else None
        if match and match.group(2) == "py" and match.group(3) in _KINDS:
            name, uri = match.group(1), match.group(5)
            page, _, anchor = uri.replace("$", name).partition("#")
            entries.append((name, _KINDS[match.group(3)], page, anchor))
        elif match and (match.group(2), match.group(3)) == ("std", "doc"):
            pages.append((match.group(1), match.group(5).replace("$", match.group(1)).partition("#")[0]))
    return Inventory(header[0], header[1], tuple(entries), tuple(pages))


def read_project(path: Path) -> tuple[str, str]:
    """Return the name and version of the project that an inventory file states; empty where it is none."""
    with path.open("rb") as stream:
        first, *lines = (stream.readline(_MAX_LINE_CHARS) for _ in range(3))
    if not first.startswith(b"# Sphinx inventory version 2"):
        return "", ""
    name, version = (line.decode(errors="replace").partition(":")[2].strip() for line in lines)
    return name[:_MAX_NAME_CHARS], version[:_MAX_NAME_CHARS]


def read_inventory(path: Path, base_url: str) -> list[Symbol]:
    """Return the symbols that an inventory file names, with no more than where they are described.

    Raises:
        DocumentError: It is not an inventory.
        SourceLimitError: It unpacks to more than 64 MB.
    """
    inventory = parse_inventory(path.read_bytes())
    return [
        Symbol(name, kind, body="", anchor=urljoin(base_url, f"{page}#{anchor}"))
        for name, kind, page, anchor in inventory.entries
    ]
