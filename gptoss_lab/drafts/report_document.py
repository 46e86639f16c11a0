"""A report before it has a format: blocks of plain text and links. Renderers escape it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_TEXT = 600
MAX_URL = 2000

_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a web address."""

    text: str
    url: str


Inline = str | Link


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for; several values are a list."""

    rows: tuple[tuple[str, tuple[Inline, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; `caption` says what they are."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Facts | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A title and what follows it."""

    title: str
    blocks: tuple[Block, ...]


def plain(text: str, most: int = MAX_TEXT) -> str:
    """Return a text on one line, without what is not seen or turns text around, and not too long."""
    shown = "".join(
        " " if mark in "\t\n\r" else mark
        for mark in text[: 4 * most]
        if mark in "\t\n\r" or unicodedata.category(mark) not in _UNSEEN
    )
    line = _SPACE.sub(" ", shown).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"


def linked(text: str, url: str) -> Inline:
    """Return a link where the address is one of the web, else the text."""
    return Link(text, url) if is_web_address(url) else text


def is_web_address(url: str) -> bool:
    """Say whether a browser may be sent there."""
    if len(url) > MAX_URL or not url.isascii() or any(mark <= " " or mark == "\x7f" for mark in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
