"""The pages of a site that lie below an address, near ones first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import urljoin

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.fetched import Fetched
from gptoss_lab.documents.gather import Gatherer
from gptoss_lab.documents.links import chosen_version, map_links, of_version, page_links, same_page
from gptoss_lab.errors import DocumentError


async def crawl(
    fetcher: Fetcher,
    gatherer: Gatherer,
    first: Fetched,
    scope: str,
    *,
    depth: int,
    before: Iterable[str] = (),
) -> tuple[str, ...]:
    """Follow links from the first page, and the site's own map, level by level.

    Args:
        fetcher: Fetches the map.
        gatherer: Takes the pages, and knows the limits.
        first: The page that was named; its links are the first level.
        scope: What the address of every page begins with.
        depth: How many levels are followed.
        before: Addresses of an earlier index.

    Returns:
        What a person should know of the choice of pages.

    Raises:
        StorageError: The disk is full.
    """
    links = await asyncio.to_thread(page_links, first.data, first.url, scope)
    level = [*links, *before, *await _map(fetcher, scope)]
    version, versions = chosen_version(level, scope)
    seen = {same_page(first.url)}
    for _ in range(depth):
        named = {same_page(url): url for url in reversed(of_version(level, scope, version))}
        wanted = [url for key, url in reversed(named.items()) if key not in seen]
        seen.update(named)
        if len(wanted) > gatherer.room:
            gatherer.cut("the site has more; point at the part of it that you need")
        pages = await gatherer.take(wanted, within=scope)
        if not pages or gatherer.room <= 0:
            break
        found = [await asyncio.to_thread(page_links, page.data, page.url, scope) for page in pages]
        level = [url for urls in found for url in urls]
    if len(versions) > 1:
        return (f"Of the versions {', '.join(versions[:6])} of the site, {version} was read",)
    return ()


async def _map(fetcher: Fetcher, scope: str) -> list[str]:
    address = urljoin(scope, "sitemap.xml")
    try:
        data = await fetcher.raw(address) if await fetcher.robots.allow(address) else b""
    except DocumentError:
        return []  # few sites need a map: their pages link to each other
    return await asyncio.to_thread(map_links, data, scope)
