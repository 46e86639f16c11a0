"""A web page, or the pages of a Sphinx site that matter most."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from gptoss_lab.documents.fetch import Fetched, Fetcher
from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.documents.sphinx import Inventory, parse_inventory
from gptoss_lab.errors import DocumentError, GptossError
from gptoss_lab.schemas.config import DocumentConfig

Report = Callable[[str, int, int], None]

_AT_ONCE = 4
_PARENTS = 4
_NAMES = frozenset({"objects.inv"})
_SPHINX_SIGNS = (b"sphinx", b"readthedocs", b"documentation_options", b"objects.inv")


@dataclass(frozen=True, slots=True)
class Site:
    """What was fetched, lying in a folder. `inventory` is empty for a plain page."""

    files: tuple[FileToRead, ...]
    etag: str
    inventory: str = ""
    base_url: str = ""
    title: str = ""
    version: str = ""
    warnings: tuple[str, ...] = ()


async def collect(
    fetcher: Fetcher, first: Fetched, config: DocumentConfig, folder: Path, report: Report
) -> Site:
    """Lay a fetched page, and the pages of its Sphinx site, into a folder.

    Raises:
        StorageError: The disk is full.
    """
    found = await _inventory(fetcher, first) if _maybe_sphinx(first) else None
    files = [await asyncio.to_thread(_lay, first, folder)]
    if found is None:
        return Site(tuple(files), first.etag, title=first.url)
    base, data, inventory = found
    path = folder / "objects.inv"
    await asyncio.to_thread(_write, path, data)
    wanted = await asyncio.to_thread(_wanted, inventory, base, first.url, config.max_site_pages - 1)
    pages, warnings = await _fetch_all(fetcher, wanted, config, report)
    files += [await asyncio.to_thread(_lay, page, folder) for page in pages]
    unique = {file.path: file for file in files}
    return Site(
        tuple(unique.values()),
        first.etag,
        str(path),
        base,
        inventory.project or first.url,
        inventory.version,
        warnings,
    )


def _maybe_sphinx(page: Fetched) -> bool:
    if urlsplit(page.url).path.rpartition("/")[2] in _NAMES:
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


def _wanted(inventory: Inventory, base: str, first: str, count: int) -> list[str]:
    """Return the pages beside the first one, then those that describe most objects."""
    held = Counter(urldefrag(urljoin(base, page)).url for _, _, page, _ in inventory.entries)
    origin = urlsplit(base)
    inside = [
        url
        for url in held
        if urlsplit(url)[:2] == origin[:2] and urlsplit(url).path.startswith(origin.path) and url != first
    ]
    beside = urljoin(first, ".")
    own = beside if beside != base else None
    inside.sort(key=lambda url: (not (own and url.startswith(own)), -held[url], url))
    return inside[: max(count, 0)]


async def _fetch_all(
    fetcher: Fetcher, urls: Sequence[str], config: DocumentConfig, report: Report
) -> tuple[list[Fetched], tuple[str, ...]]:
    gate = asyncio.Semaphore(_AT_ONCE)
    pages: dict[str, Fetched] = {}
    warnings: list[str] = []
    size = 0

    async def one(url: str) -> None:
        nonlocal size
        async with gate:
            if size > config.max_total_bytes:
                return
            try:
                page = await fetcher.page(url)
            except GptossError as error:
                warnings.append(f"{url} was left out: {error.message}")
                return
            pages[url] = page
            size += len(page.data)
            report(url, len(pages), len(urls))

    await asyncio.gather(*(one(url) for url in urls))
    if size > config.max_total_bytes:
        warnings.append(
            f"Only {len(pages)} pages were read: the site is over {config.max_total_bytes >> 20} MB"
        )
    return [pages[url] for url in urls if url in pages], tuple(warnings)


def _write(path: Path, data: bytes) -> None:
    with storage_errors(path):
        path.write_bytes(data)


def _lay(page: Fetched, folder: Path) -> FileToRead:
    path = folder / hashlib.sha256(page.url.encode()).hexdigest()[:24]
    _write(path, page.data)
    return FileToRead(
        path=page.url,
        location=str(path),
        sha256=page.sha256,
        size=len(page.data),
        link=page.url,
        media=page.media,
    )
