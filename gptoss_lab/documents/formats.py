"""The format of a file, from its name and its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from gptoss_lab.errors import SourceRefusedError

Media = Literal["html", "markdown", "rst", "notebook", "pdf", "text"]

_SUFFIXES: dict[str, Media] = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".rmd": "markdown",
    ".qmd": "markdown",
    ".rst": "rst",
    ".ipynb": "notebook",
    ".pdf": "pdf",
    ".txt": "text",
}
_MAGIC: tuple[tuple[bytes, Media], ...] = ((b"%PDF-", "pdf"),)
_SNIFF_BYTES = 4096


def media_of(name: str) -> Media | None:
    """Return the format that a file's name says; None for one we do not read."""
    return _SUFFIXES.get(Path(name).suffix.lower())


def sniff(head: bytes, name: str) -> Media:
    """Return the format of a file from its first bytes and its name.

    Raises:
        SourceRefusedError: It is binary and not a PDF.
    """
    for magic, media in _MAGIC:
        if head.startswith(magic):
            return media
    named = media_of(name)
    binary = b"\0" in head[:_SNIFF_BYTES] and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if named == "pdf" or binary:
        raise SourceRefusedError(
            f"{Path(name).name} is a binary file that is not a PDF",
            hint="Point at HTML, Markdown, reStructuredText, a notebook, a PDF or plain text.",
        )
    if named:
        return named
    lowered = head[:_SNIFF_BYTES].lstrip().lower()
    return "html" if lowered.startswith((b"<!doctype html", b"<html")) else "text"


def decode(data: bytes) -> str:
    """Return text from bytes: by its byte order mark, else UTF-8, else Latin-1."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
