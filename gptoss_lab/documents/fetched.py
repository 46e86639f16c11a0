"""A page as it was fetched, and what its server says that it is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import httpx

from gptoss_lab.documents.formats import Media, media_of, sniff
from gptoss_lab.errors import SourceRefusedError

_TYPES: dict[str, Media] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/x-rst": "rst",
    "text/prs.fallenstein.rst": "rst",
    "application/pdf": "pdf",
    "application/x-ipynb+json": "notebook",
}
_BY_NAME = frozenset({
    "",
    "text/plain",
    "application/octet-stream",
    "application/json",
    "binary/octet-stream",
})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page. With `unchanged` it is the one that the given ETag or date stood for, and has no data."""

    url: str
    data: bytes = b""
    media: Media = "text"
    etag: str = ""
    modified: str = ""
    charset: str = ""
    unchanged: bool = False

    @property
    def sha256(self) -> str:
        """The hash of the content."""
        return hashlib.sha256(self.data).hexdigest()


def fetched(response: httpx.Response, data: bytes, *, etag: str = "", modified: str = "") -> Fetched:
    """Return the page of an answer; the given ETag and date stay those of a page that is unchanged.

    Raises:
        SourceRefusedError: It is of a type that is not read.
    """
    headers = response.headers
    found = headers.get("etag", "")
    changed = headers.get("last-modified", "")
    final = str(response.url)
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return Fetched(final, etag=found or etag, modified=changed or modified, unchanged=True)
    stated = _CHARSET.search(headers.get("content-type", ""))
    charset = stated.group(1) if stated else ""
    return Fetched(final, data, _media(response, data), found, changed, charset)


def _media(response: httpx.Response, data: bytes) -> Media:
    stated = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    name = response.url.path
    if stated in _TYPES:
        if _TYPES[stated] != "pdf":
            sniff(data[:4096], name.removesuffix(".pdf"))
        return "pdf" if data.startswith(b"%PDF-") else _TYPES[stated]
    if stated in _BY_NAME:
        if stated == "application/json" and media_of(name) != "notebook":
            raise SourceRefusedError(f"{response.url} is JSON, not documentation")
        return sniff(data[:4096], name)
    raise SourceRefusedError(
        f"{response.url} is of the type {stated}, which is not read",
        hint="Point at an HTML page, Markdown, reStructuredText, a notebook or a PDF.",
    )
