"""Fetches the pages of one site into a folder, within its limits, and says what was left out."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.fetched import Fetched
from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.documents.jobs import FileToRead
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.config import DocumentConfig

Report = Callable[[str, int, int], None]

_AT_ONCE = 4
_MAX_TOLD = 5


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page of an earlier index: its content's hash, and what its server knew it by."""

    sha256: str
    etag: str = ""
    modified: str = ""


class Gatherer:
    """Takes pages one batch after the other. `files` are those that were read, by address.

    Args:
        fetcher: Fetches, and knows what the site lets programs read.
        config: Limits on pages, bytes and time.
        folder: Where the pages are laid.
        known: Pages of an earlier index, by address: these are only asked for changes.
        report: Told each page, the number of pages so far, and how many there will be.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        config: DocumentConfig,
        folder: Path,
        *,
        known: Mapping[str, KnownPage],
        report: Report,
    ) -> None:
        self.files: dict[str, FileToRead] = {}
        self._fetcher, self._config, self._folder = fetcher, config, folder
        self._known, self._report = known, report
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._ends = time.monotonic() + config.site_timeout_s
        self._left_out: list[str] = []
        self._forbidden = 0
        self._cuts: dict[str, None] = {}
        self._bytes = 0

    @property
    def room(self) -> int:
        """How many more pages may be read."""
        return self._config.max_site_pages - len(self.files)

    async def add(self, page: Fetched) -> None:
        """Lay a page that was fetched, or remember that it is the one of the earlier index.

        Raises:
            StorageError: The disk is full.
        """
        known = self._known.get(page.url)
        if page.unchanged and known is not None:
            file = FileToRead(
                path=page.url, location="", sha256=known.sha256, link=page.url, media=page.media
            )
        else:
            file = await asyncio.to_thread(_lay, page, self._folder)
        self._bytes += len(page.data)
        self.files[page.url] = file.model_copy(update={"etag": page.etag, "modified": page.modified})

    async def take(self, urls: Iterable[str], *, within: str = "") -> list[Fetched]:
        """Fetch pages, up to the limits; return those that were read, in order.

        Args:
            urls: Their addresses.
            within: What the address of each must begin with after redirects.

        Raises:
            StorageError: The disk is full.
        """
        wanted = list(urls)[: max(self.room, 0)]
        before, total = set(self.files), len(self.files) + len(wanted)
        answers = await asyncio.gather(*(self._one(url, within, total) for url in wanted))
        pages = [page for page in answers if page is not None]
        for url in dict.fromkeys(page.url for page in pages if page.url not in before):
            self.files[url] = self.files.pop(url)  # they came in the order in which the site answered
        return pages

    async def _one(self, url: str, within: str, total: int) -> Fetched | None:
        async with self._gate:
            if not self._goes_on():
                return None
            if not await self._fetcher.robots.allow(url):
                self._forbidden += 1
                return None
            known = self._known.get(url, KnownPage(""))
            try:
                page = await self._fetcher.page(url, etag=known.etag, modified=known.modified)
            except DocumentError as error:
                self._left_out.append(f"{url} was left out: {error.message}")
                return None
            if not page.url.startswith(within):
                self._left_out.append(f"{url} was left out: it leads to {page.url}")
                return None
            await self.add(page)
            self._report(page.url, len(self.files), total)
            return page

    def _goes_on(self) -> bool:
        if self._bytes > self._config.max_total_bytes:
            self.cut(f"the site is over {self._config.max_total_bytes >> 20} MB")
        elif time.monotonic() > self._ends:
            self.cut(f"that took the {self._config.site_timeout_s:.0f} s that are allowed for it")
        else:
            return True
        return False

    def cut(self, reason: str) -> None:
        """Note why the rest of the site is not read."""
        self._cuts[reason] = None

    def warnings(self) -> tuple[str, ...]:
        """Return what a person should know of pages that were not read."""
        found = [f"Only {len(self.files)} pages were read: {reason}" for reason in self._cuts]
        if self._forbidden:
            found.append(
                f"{self._forbidden} pages were left out: the site's robots.txt asks programs not to read them"
            )
        found += self._left_out[:_MAX_TOLD]
        if len(self._left_out) > _MAX_TOLD:
            found.append(f"{len(self._left_out) - _MAX_TOLD} more pages were left out")
        return tuple(found)


def _lay(page: Fetched, folder: Path) -> FileToRead:
    path = folder / hashlib.sha256(page.url.encode()).hexdigest()[:24]
    write_file(path, page.data)
    return FileToRead(
        path=page.url,
        location=str(path),
        sha256=page.sha256,
        size=len(page.data),
        link=page.url,
        media=page.media,
        charset=page.charset,
    )


def write_file(path: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        StorageError: The disk is full.
    """
    with storage_errors(path):
        path.write_bytes(data)
