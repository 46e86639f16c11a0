"""What a person may call a paper: an arXiv id, a DOI, an address, a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from gptoss_lab.errors import SourceRefusedError

_NEW_ID = r"\d{4}\.\d{4,5}(?:v\d{1,3})?"
_OLD_ID = r"[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7}(?:v\d{1,3})?"
_ARXIV = re.compile(rf"^(?:arxiv\s*:\s*)({_NEW_ID}|{_OLD_ID})(?:\.pdf)?$", re.IGNORECASE)
_BARE = re.compile(rf"^({_NEW_ID}|{_OLD_ID})$")
_ARXIV_URL = re.compile(rf"/(?:abs|pdf|html|e-print|src|format)/({_NEW_ID}|{_OLD_ID})(?:\.pdf)?/?$")
_ARXIV_DOI = re.compile(rf"^10\.48550/arxiv\.({_NEW_ID}|{_OLD_ID})$", re.IGNORECASE)
_DOI = re.compile(
    r"^(?:doi\s*:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\"<>]{1,200})$", re.IGNORECASE
)
_HOSTS = frozenset(["arxiv.org", "www.arxiv.org", "export.arxiv.org", "ar5iv.org", "ar5iv.labs.arxiv.org"])
_CODE_HOSTS = frozenset(["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"])
_FILE = re.compile(r"\.(?:pdf|tex|html?|zip|tar|tgz|gz)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """A paper as it was named; `value` is the id, the address or the path."""

    kind: Literal["arxiv", "doi", "url", "file"]
    value: str


def named(uri: str) -> Named:
    """Return what a person means.

    Raises:
        SourceRefusedError: It is an address of a kind that is not read.
    """
    uri = uri.strip()
    for pattern in (_ARXIV, _BARE):
        if match := pattern.match(uri):
            return Named("arxiv", match[1])
    if (match := _DOI.match(uri)) is not None:
        found = _ARXIV_DOI.match(match[1])
        return Named("arxiv", found[1]) if found else Named("doi", match[1])
    if re.match(r"^[a-z][a-z0-9+.-]*://", uri, re.IGNORECASE):
        return _address(uri)
    return Named("file", uri)


def _address(uri: str) -> Named:
    parts = urlsplit(uri)
    host = (parts.hostname or "").lower()
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise SourceRefusedError(f"{uri} is not an http(s) address")
    if host in _HOSTS and (match := _ARXIV_URL.search(parts.path)):
        return Named("arxiv", match[1])
    if host in _CODE_HOSTS and not _FILE.search(parts.path):
        raise SourceRefusedError(
            f"{uri} is a repository of code, not a paper",
            hint="Add it as a documentation source beside the paper.",
        )
    return Named("url", uri)


def doi_path(doi: str) -> str:
    """Return the path of a DOI below the address of its resolver."""
    return quote(doi, safe="/:;()._-")
