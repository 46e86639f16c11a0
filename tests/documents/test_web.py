"""Pages of the web: when they are fetched again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.blocks import Chunk, Page, Place, Records
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.jobs import ParseResult
from gptoss_lab.documents.page_rows import PageRow
from gptoss_lab.documents.prepared import Prepared
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.documents.web import prepare_url
from gptoss_lab.errors import SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import CorpusInfo, DocSource, IndexProgress
from tests.fakes.documents import Site, serve

LOCAL = DocumentConfig(allow_private_addresses=True, fetch_delay_s=0, fetch_timeout_s=2)
PAGE = b"<main><h1>Page</h1><p>About rivers</p></main>"


def content(path: str) -> bytes:
    """Return what lies at a path."""
    return Path(path).read_bytes()


class Reader:
    """Prepares an address against one store, and builds its index when it must be built."""

    def __init__(self, folder: Path) -> None:
        self.store = IndexStore(folder)
        self.store.prepare()
        self.steps: list[IndexProgress] = []

    async def prepare(self, url: str, *, refresh: bool = False) -> Prepared:
        """Return what must be done for the address."""
        spool = self.store.temporary("pages")
        source = DocSource(uri=url)
        return await prepare_url(source, LOCAL, self.store, self.steps.append, spool, refresh=refresh)

    def keep(self, found: Prepared) -> CorpusInfo:
        """Put an index of what was prepared into its place."""
        path = self.store.temporary("x")
        writer = IndexWriter(path)
        writer.write(Records(chunks=[Chunk("narrative", "a", "b", Place("c"))]))
        for file in found.job.files:
            writer.page(PageRow(file, Page("a")), Records())
        validators = {file.path: [file.etag, file.modified] for file in found.job.files}
        writer.finish({"parser": str(PARSER_VERSION), "validators": json.dumps(validators)})
        return self.store.keep(path, found.info(ParseResult(chunks=1, symbols=0, examples=0), duration_s=1))

    def grow_old(self, found: Prepared) -> None:
        """Let the index be days old."""
        os.utime(self.store.path(found.id), (1, 1))


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Return a reader on an empty store."""
    return Reader(tmp_path / "corpora")


async def test_a_new_page_is_fetched(reader: Reader) -> None:
    """It lies in the spool folder, is told as progress, and has its type and address."""
    async with serve(Site(pages={"/a": PAGE}, etags={"/a": '"1"'})) as base:
        found = await reader.prepare(f"{base}/a#part")
        (file,) = found.job.files
        assert (found.kind, found.cached, found.job.files[0].etag) == ("url", None, '"1"')
        assert (file.link, file.media) == (f"{base}/a", "html")
        assert content(file.location) == PAGE
        assert [step.step for step in reader.steps] == ["fetch"]


async def test_a_young_index_is_used_without_a_question(reader: Reader) -> None:
    """The server is not asked for a day, unless a refresh is wanted."""
    site = Site(pages={"/a": PAGE}, etags={"/a": '"1"'})
    async with serve(site) as base:
        reader.keep(await reader.prepare(f"{base}/a"))
        cached = (await reader.prepare(f"{base}/a")).cached
        assert cached is not None
        assert cached.cached
        assert site.asked == ["/a"]
        again = await reader.prepare(f"{base}/a", refresh=True)
        assert site.asked == ["/a", "/a", "/objects.inv"]
        assert again.job.files


async def test_after_a_day_the_etag_is_asked(reader: Reader) -> None:
    """An unchanged page confirms the index; it is young again."""
    site = Site(pages={"/a": PAGE}, etags={"/a": '"1"'})
    async with serve(site) as base:
        found = await reader.prepare(f"{base}/a")
        reader.keep(found)
        reader.grow_old(found)
        again = await reader.prepare(f"{base}/a")
        assert again.cached is not None
        assert again.job.files == ()
        assert reader.store.age_s(found.id) < 60
        assert site.asked == ["/a", "/a"]


async def test_a_page_without_an_etag_is_told_by_its_content(reader: Reader) -> None:
    """The same bytes keep the index; other bytes make a job that starts from the older one."""
    site = Site(pages={"/a": PAGE})
    async with serve(site) as base:
        found = await reader.prepare(f"{base}/a")
        reader.keep(found)
        reader.grow_old(found)
        assert (await reader.prepare(f"{base}/a")).cached is not None
        reader.grow_old(found)
        site.pages["/a"] = PAGE + b"<p>more</p>"
        changed = await reader.prepare(f"{base}/a")
        assert changed.cached is None
        assert changed.job.previous == str(reader.store.path(found.id))


async def test_a_page_that_cannot_be_reached_keeps_the_older_index(reader: Reader) -> None:
    """With a warning that says of when it is; without an index it is the error."""
    async with serve(Site(pages={"/a": PAGE})) as base:
        found = await reader.prepare(f"{base}/a")
        info = reader.keep(found)
        reader.grow_old(found)
    late = (await reader.prepare(f"{base}/a")).cached
    assert late is not None
    assert late.warnings[-1].endswith(f"the copy of {info.built_at} is used")
    with pytest.raises(SourceNotFoundError):
        await reader.prepare(f"{base}/other")


async def test_what_is_refused_now_is_not_served_from_before(reader: Reader) -> None:
    """A page that became a video or asks for a login is said, though an index is there."""
    site = Site(pages={"/a": PAGE})
    async with serve(site) as base:
        found = await reader.prepare(f"{base}/a")
        reader.keep(found)
        reader.grow_old(found)
        site.statuses["/a"] = 403
        with pytest.raises(SourceRefusedError, match="login"):
            await reader.prepare(f"{base}/a")


@pytest.mark.parametrize("url", ["http://[::1", "http://", "https://:443/"])
async def test_broken_addresses_are_refused(reader: Reader, url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(SourceRefusedError):
        await reader.prepare(url)


def docs(count: int) -> Site:
    """Return a server of pages below /docs/, each with an ETag, a date or nothing that tells its state."""
    links = "".join(f"<a href='p{number}.html'>p</a>" for number in range(count))
    site = Site(pages={"/docs/": f"<main><h1>Home</h1><p>Start here.</p>{links}</main>".encode()})
    for number in range(count):
        path = f"/docs/p{number}.html"
        site.pages[path] = f"<main><h1>P{number}</h1><p>Part {number}</p></main>".encode()
        if number % 3 == 0:
            site.etags[path] = f'"{number}"'
        elif number % 3 == 1:
            site.dates[path] = "Fri, 20 Nov 2026 08:00:00 GMT"
    return site


async def test_a_refresh_reads_one_changed_page(reader: Reader) -> None:
    """Pages that are unchanged are not sent again; the one that changed is read, the gone one dropped."""
    site = docs(4)
    async with serve(site) as base:
        found = await reader.prepare(f"{base}/docs/")
        assert found.kind == "site"
        assert len(found.job.files) == 5
        reader.keep(found)
        site.pages["/docs/p0.html"], site.etags["/docs/p0.html"] = b"<main><h1>P0</h1><p>New</p>", '"new"'
        del site.pages["/docs/p3.html"], site.etags["/docs/p3.html"]
        site.asked.clear()
        again = await reader.prepare(f"{base}/docs/", refresh=True)
    sent = {file.path.removeprefix(base): bool(file.location) for file in again.job.files}
    assert sent == {"/docs/": True, "/docs/p0.html": True, "/docs/p1.html": False, "/docs/p2.html": True}
    old = {file.path: file.sha256 for file in found.job.files}
    assert [file.path.removeprefix(base) for file in again.job.files if file.sha256 != old[file.path]] == [
        "/docs/p0.html"
    ]
    assert "p3.html was left out: There is no page" in again.warnings[0]


async def test_a_refresh_of_an_unchanged_home_page_still_asks_the_others(reader: Reader) -> None:
    """A home page seldom changes; its links are known from the earlier index."""
    site = docs(2)
    site.etags["/docs/"] = '"home"'
    async with serve(site) as base:
        reader.keep(await reader.prepare(f"{base}/docs/"))
        site.asked.clear()
        again = await reader.prepare(f"{base}/docs/", refresh=True)
    assert [file.location for file in again.job.files] == ["", "", ""]
    assert set(site.asked) >= {"/docs/", "/docs/p0.html", "/docs/p1.html"}
