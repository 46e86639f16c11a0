"""A web page, the pages of a site below an address, or the pages of a Sphinx site that matter most."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from gptoss_lab.documents.crawl import crawl
from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.fetched import Fetched
from gptoss_lab.documents.gather import Gatherer, KnownPage, Report, write_file
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.documents.links import same_page, scope_of
from gptoss_lab.documents.search_index import narrative_pages
from gptoss_lab.documents.sphinx import Inventory, parse_inventory
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.config import DocumentConfig

_PARENTS = 4
_NAMES = frozenset({"objects.inv"})
_SPHINX_SIGNS = (b"sphinx", b"readthedocs", b"documentation_options", b"objects.inv")
_NARRATIVE_SHARE = 3  # one page in three of a Sphinx site tells, the others describe objects
_CHANGED = "The site changed while it was read; refresh it to have all pages of one state"


@dataclass(frozen=True, slots=True)
class Site:
    """What was fetched, lying in a folder. `inventory` is empty where a site has none."""

    files: tuple[FileToRead, ...]
    inventory: str = ""
    base_url: str = ""
    title: str = ""
    version: str = ""
    warnings: tuple[str, ...] = ()


async def collect(
    fetcher: Fetcher,
    first: Fetched,
    config: DocumentConfig,
    folder: Path,
    report: Report,
    *,
    known: Mapping[str, KnownPage] | None = None,
) -> Site:
    """Lay a fetched page, and the other pages of its site, into a folder.

    Args:
        fetcher: Fetches the rest.
        first: The page that was named.
        config: Limits on pages, bytes and time.
        folder: Where the pages are laid.
        report: Told each page.
        known: Pages of an earlier index, which are only asked for changes.

    Raises:
        StorageError: The disk is full.
    """
    known = known or {}
    gatherer = Gatherer(fetcher, config, folder, known=known, report=report)
    await gatherer.add(first)
    found = await _inventory(fetcher, first) if _maybe_sphinx(first) else None
    if found is not None:
        return await _sphinx(fetcher, gatherer, first, found, folder / "objects.inv")
    scope = scope_of(first.url) if first.media == "html" or first.unchanged else ""
    chosen: tuple[str, ...] = ()
    if scope:
        chosen = await crawl(fetcher, gatherer, first, scope, depth=config.max_site_depth, before=known)
    warnings = (*chosen, *gatherer.warnings())
    return Site(_unique(gatherer.files), title=first.url, warnings=warnings)


async def _sphinx(
    fetcher: Fetcher,
    gatherer: Gatherer,
    first: Fetched,
    found: tuple[str, bytes, Inventory],
    path: Path,
) -> Site:
    base, data, inventory = found
    await asyncio.to_thread(write_file, path, data)
    words = await _raw(fetcher, urljoin(base, "searchindex.js"))
    wanted = await asyncio.to_thread(_wanted, inventory, words, base, first.url, gatherer.room)
    await gatherer.take(wanted, within=base)
    changed = (_CHANGED,) if await _raw(fetcher, urljoin(base, "objects.inv")) != data else ()
    return Site(
        _unique(gatherer.files),
        str(path),
        base,
        inventory.project or first.url,
        inventory.version,
        (*changed, *gatherer.warnings()),
    )


async def _raw(fetcher: Fetcher, url: str) -> bytes:
    try:
        return await fetcher.raw(url)
    except DocumentError:
        return b""


def _unique(files: Mapping[str, FileToRead]) -> tuple[FileToRead, ...]:
    """Keep one of the pages that lie at several addresses."""
    kept: dict[tuple[str, str], FileToRead] = {}
    for file in files.values():
        kept.setdefault((same_page(file.path), file.sha256), file)
    return tuple(kept.values())


def _maybe_sphinx(page: Fetched) -> bool:
    if page.unchanged or urlsplit(page.url).path.rpartition("/")[2] in _NAMES:
        return True
    return page.media == "html" and any(sign in page.data.lower() for sign in _SPHINX_SIGNS)


async def _inventory(fetcher: Fetcher, page: Fetched) -> tuple[str, bytes, Inventory] | None:
    """Look for the inventory beside the page and in the folders above it."""
    base = urljoin(page.url, ".")
    for _ in range(_PARENTS):
        found = await _inventory_at(fetcher, base)
        above = urljoin(base, "..")
        if found is not None or above == base:
            return found
        base = above
    return None


async def _inventory_at(fetcher: Fetcher, base: str) -> tuple[str, bytes, Inventory] | None:
    try:
        data = await fetcher.raw(urljoin(base, "objects.inv"))
        return base, data, await asyncio.to_thread(parse_inventory, data)
    except DocumentError:
        return None  # a site without an inventory is an ordinary page


def _wanted(inventory: Inventory, words: bytes, base: str, first: str, count: int) -> list[str]:
    """Return the pages beside the first one, then those that describe most objects or say most."""
    held = Counter(urldefrag(urljoin(base, page)).url for _, _, page, _ in inventory.entries)
    beside = urljoin(first, ".")
    own = beside if beside != base else None
    told = [urljoin(base, page) for page in _narrative(inventory, words)]
    described = sorted(_inside(held, base, first), key=lambda url: (-held[url], url))
    told = [url for url in _inside(told, base, first) if url not in held]
    near = [url for url in (*described, *told) if own and url.startswith(own)]
    most = max(count - len(near), 0)
    few = told[: max(most // _NARRATIVE_SHARE, most - len(described))]
    return list(dict.fromkeys((*near, *described[: most - len(few)], *few)))[: max(count, 0)]


def _narrative(inventory: Inventory, words: bytes) -> list[str]:
    """Return the addresses of pages, those that say most first; the inventory knows how they end."""
    pages = dict(inventory.pages)
    return [pages[name] for name in narrative_pages(words) if name in pages]


def _inside(urls: Sequence[str] | Counter[str], base: str, first: str) -> list[str]:
    origin = urlsplit(base)
    return [
        url
        for url in urls
        if urlsplit(url)[:2] == origin[:2] and urlsplit(url).path.startswith(origin.path) and url != first
    ]
