"""The links of a page that may lead to more of the same documentation."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin, urlsplit

from gptoss_lab.documents.formats import media_of

# Bounded, so that no page can make the search slow.
_HREF = re.compile(
    rb"""<a\s[^<>]{0,2000}?\bhref\s*=\s*(?:"([^"]{1,2000})"|'([^']{1,2000})')""", re.IGNORECASE
)
_LOCATION = re.compile(rb"<loc>\s*([^<\s]{1,2000})\s*</loc>", re.IGNORECASE)
_MAX_LINKS = 5_000
_MAX_CHARS = 1_000
_MAX_REPEATS = 2
_READ = frozenset({"html", "markdown", "rst", "notebook"})
_FURNITURE = frozenset({"genindex.html", "py-modindex.html", "search.html", "404.html", "print.html"})
_VERSION = re.compile(
    r"v?\d+(?:\.(?:\d+|x))*(?:[-.]?(?:a|b|rc|dev|post)\d*)?|stable|latest|dev|devel|main|master"
)
_PREFERRED = ("stable", "latest")


def page_links(data: bytes, url: str, scope: str) -> list[str]:
    """Return the addresses that a page links to, in order, of those that `scope` begins."""
    found = (double or single for double, single in _HREF.findall(data)[:_MAX_LINKS])
    return _inside((_joined(url, raw) for raw in found), scope)


def map_links(data: bytes, scope: str) -> list[str]:
    """Return the addresses of a sitemap.

    Source: https://www.sitemaps.org/protocol.html
    """
    return _inside((_joined(scope, raw) for raw in _LOCATION.findall(data)[:_MAX_LINKS]), scope)


def scope_of(url: str) -> str:
    """Return what the pages of a site begin with: the folder of an address that names one; else empty."""
    path = urlsplit(url).path
    name = path.rpartition("/")[2]
    return urljoin(url, ".") if name in {"", "index.html", "index.htm"} else ""


def same_page(url: str) -> str:
    """Return one key for the ways to write the address of a page."""
    for name in ("index.html", "index.htm"):
        if url.endswith(f"/{name}"):
            return url.removesuffix(name)
    return url


def chosen_version(urls: Iterable[str], scope: str) -> tuple[str, list[str]]:
    """Return the version whose folder below the scope is read, and all there are, that one first.

    What a site calls stable goes before its latest, and that before the highest number.
    """
    versions = sorted({name for url in urls if (name := _version(url, scope))}, key=_rank)
    return (versions[0] if versions else ""), versions


def of_version(urls: Iterable[str], scope: str, version: str) -> list[str]:
    """Leave out what lies in the folders of other versions."""
    return [url for url in urls if not version or _version(url, scope) in {"", version}]


def _version(url: str, scope: str) -> str:
    first, slash, _ = url.removeprefix(scope).partition("/")
    return first if slash and _VERSION.fullmatch(first) else ""


def _rank(name: str) -> tuple[int, tuple[int, ...], str]:
    if name in _PREFERRED:
        return _PREFERRED.index(name), (), name
    numbers = tuple(-int(part) for part in re.findall(r"\d+", name)[:4])
    return (2 if numbers else 3), numbers, name


def _joined(base: str, raw: bytes) -> str:
    try:
        return urldefrag(urljoin(base, html.unescape(raw.decode("utf-8", errors="replace")).strip())).url
    except ValueError:
        return ""


def _inside(urls: Iterable[str], scope: str) -> list[str]:
    return list(dict.fromkeys(url for url in urls if url.startswith(scope) and _may_be_page(url)))


def _may_be_page(url: str) -> bool:
    """Leave out questions, downloads, and paths that go round in circles."""
    parts = urlsplit(url)
    if parts.query or len(url) > _MAX_CHARS:
        return False
    *folders, name = parts.path.split("/")
    most = max(Counter(part for part in folders if part).values(), default=0)
    suffix = name.rpartition(".")[2] if "." in name else ""
    readable = media_of(name) in _READ or not suffix or suffix.isdigit()
    return most <= _MAX_REPEATS and readable and name not in _FURNITURE
