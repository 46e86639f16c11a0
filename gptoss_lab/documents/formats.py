"""The format of a file, from its name and its first bytes."""

from __future__ import annotations

import codecs
import re
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
_HEAD_BYTES = 2048
_MIN_UTF16 = 16
_MOSTLY = 0.7
_TEXT_CODECS = ("iso8859", "cp", "koi8", "shift_jis", "euc", "gb", "big5", "mac", "tis")
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


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
    binary = b"\0" in head[:_SNIFF_BYTES] and not _is_utf16(head)
    if named == "pdf" or binary:
        raise SourceRefusedError(
            f"{Path(name).name} is a binary file that is not a PDF",
            hint="Point at HTML, Markdown, reStructuredText, a notebook, a PDF or plain text.",
        )
    if named:
        return named
    lowered = head[:_SNIFF_BYTES].lstrip().lower()
    return "html" if lowered.startswith((b"<!doctype html", b"<html")) else "text"


def _is_utf16(head: bytes) -> bool:
    """Say whether bytes are UTF-16 of mostly Latin text: every second byte is zero."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return len(head) >= _MIN_UTF16 and _utf16_order(head) != ""


def _utf16_order(head: bytes) -> str:
    even, odd = head[0:_SNIFF_BYTES:2], head[1:_SNIFF_BYTES:2]
    if odd.count(0) > len(odd) * _MOSTLY and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) * _MOSTLY and not odd.count(0) else ""


def decode(data: bytes, *, stated: str = "") -> str:
    """Return text from bytes, whatever they say of themselves.

    A byte order mark decides, then UTF-16 that shows by its zeros, then whether it is UTF-8, then
    the stated encoding or that of an HTML page's head. What is left is UTF-8 whose other bytes are
    read as Windows-1252, one by one: pages that state UTF-8 often hold some.

    Args:
        data: The bytes.
        stated: The encoding that the server stated; empty when it stated none.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, errors=_BYTEWISE if encoding == "utf-8-sig" else "replace")
    if order := _utf16_order(data[:_SNIFF_BYTES]) if len(data) >= _MIN_UTF16 else "":
        return data.decode(order, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        in_head = _META_CHARSET.search(data[:_HEAD_BYTES])
        name = _known_codec(stated) or _known_codec(in_head.group(1).decode("ascii") if in_head else "")
    try:
        return data.decode(name) if name else data.decode("utf-8", errors=_BYTEWISE)
    except UnicodeDecodeError:
        return data.decode("utf-8", errors=_BYTEWISE)


def _known_codec(name: str) -> str:
    """Return the codec of a stated encoding, as browsers understand it; empty for UTF-8 and unknown ones."""
    try:
        found = codecs.lookup(name.strip()).name if name.strip() else ""
    except (LookupError, ValueError):
        return ""
    if found in {"iso8859-1", "ascii"}:
        return "cp1252"
    return found if found.startswith(_TEXT_CODECS) else ""


def _bytewise(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    found = error.object[error.start : error.end]
    return found.decode("cp1252", errors="replace"), error.end


_BYTEWISE = "gptoss-lab.bytewise"
codecs.register_error(_BYTEWISE, _bytewise)
