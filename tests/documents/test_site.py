"""Which pages of a site are fetched."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.site import Site, collect
from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.config import DocumentConfig
from tests.fakes.documents import Site as Server
from tests.fakes.documents import inventory, serve

LOCAL = DocumentConfig(allow_private_addresses=True, fetch_delay_s=0, fetch_timeout_s=2)
HOME = b"<html><main><h1>Home</h1><p>Made with Sphinx</p></main>"


def content(path: str) -> bytes:
    """Return what lies at a path."""
    return Path(path).read_bytes()


def entries(page: str, count: int) -> list[str]:
    """Return the inventory lines of a page that describes so many objects."""
    return [f"lib.{page}.f{number} py:function 1 {page}.html#$ -" for number in range(count)]


async def fetched(server: Server, path: str, folder: Path, **limits: int) -> tuple[Site, list[str]]:
    """Collect the site around a page; return it and the paths of its pages in order."""
    config = LOCAL.model_copy(update=limits)
    await asyncio.to_thread(folder.mkdir)
    async with serve(server) as base, Fetcher(config) as fetcher:
        first = await fetcher.page(f"{base}{path}")
        found = await collect(fetcher, first, config, folder, lambda *_: None)
        return found, [file.path.removeprefix(base) for file in found.files]


def sphinx(**objects: int) -> Server:
    """Return a server of a Sphinx site whose pages describe so many objects each."""
    server = Server(pages={"/docs/index.html": HOME})
    lines: list[str] = []
    for page, count in objects.items():
        lines += entries(page, count)
        server.pages[f"/docs/{page}.html"] = f"<main><h1>{page}</h1>".encode()
    server.pages["/docs/objects.inv"] = inventory(*lines)
    return server


async def test_pages_that_describe_most_come_first(tmp_path: Path) -> None:
    """The given page, then the others by the number of their objects, up to the limit."""
    server = sphinx(few=1, many=5, some=3)
    found, paths = await fetched(server, "/docs/index.html", tmp_path / "a", max_site_pages=3)
    assert paths == ["/docs/index.html", "/docs/many.html", "/docs/some.html"]
    assert (found.title, found.version, found.warnings) == ("mylib", "3.0", ())
    assert "/docs/few.html" not in server.asked
    assert content(found.files[1].location) == b"<main><h1>many</h1>"


async def test_pages_keep_their_order_where_one_comes_late(tmp_path: Path) -> None:
    """The same index is made however fast the server answers."""
    server = sphinx(many=5, some=3)
    server.after["/docs/many.html"] = "/docs/some.html"
    _, paths = await fetched(server, "/docs/index.html", tmp_path / "a")
    assert paths == ["/docs/index.html", "/docs/many.html", "/docs/some.html"]


async def test_pages_beside_the_given_one_come_before_larger_ones(tmp_path: Path) -> None:
    """A person who points into a part of the documentation wants that part."""
    server = sphinx(**{"big": 9, "guide/a": 1, "guide/b": 2})
    server.pages["/docs/guide/index.html"] = HOME
    _, paths = await fetched(server, "/docs/guide/index.html", tmp_path / "a", max_site_pages=3)
    assert paths == ["/docs/guide/index.html", "/docs/guide/b.html", "/docs/guide/a.html"]


async def test_a_limit_of_one_is_the_page_alone(tmp_path: Path) -> None:
    """With the inventory's names, and nothing else."""
    found, paths = await fetched(sphinx(a=2), "/docs/index.html", tmp_path / "a", max_site_pages=1)
    assert paths == ["/docs/index.html"]
    assert content(found.inventory).startswith(b"# Sphinx")


async def test_an_inventory_cannot_lead_elsewhere(tmp_path: Path) -> None:
    """Other hosts and folders above the site are not fetched, whatever the inventory says."""
    server = sphinx(a=1)
    server.pages["/docs/objects.inv"] = inventory(
        "x py:function 1 http://evil.example/x.html#$ -",
        "y py:function 1 ../secret.html#$ -",
        "z py:function 1 file:///etc/passwd#$ -",
        *entries("a", 1),
    )
    server.pages["/secret.html"] = b"<main>secret"
    _, paths = await fetched(server, "/docs/index.html", tmp_path / "a")
    assert paths == ["/docs/index.html", "/docs/a.html"]
    assert "/secret.html" not in server.asked


async def test_a_page_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    """The others are still read."""
    server = sphinx(a=1, gone=2)
    del server.pages["/docs/gone.html"]
    found, paths = await fetched(server, "/docs/index.html", tmp_path / "a")
    assert paths == ["/docs/index.html", "/docs/a.html"]
    assert "gone.html was left out" in found.warnings[0]


async def test_a_site_over_the_limit_on_size_is_cut(tmp_path: Path) -> None:
    """What was read until then is kept, and the person is told."""
    server = sphinx(**{f"p{number}": 1 for number in range(12)})
    for path in server.pages:
        if path.startswith("/docs/p"):
            server.pages[path] = b"<main>" + b"x" * 5_000
    found, paths = await fetched(server, "/docs/index.html", tmp_path / "a", max_total_bytes=9_000)
    assert 3 <= len(paths) < 13
    assert "the site is over" in found.warnings[0]


@pytest.mark.parametrize("page", [b"<main><p>Plain words</p></main>", HOME])
async def test_without_an_inventory_it_is_a_page(tmp_path: Path, page: bytes) -> None:
    """A plain page is not searched for one; where none is found or it is damaged, the page is enough."""
    server = Server(pages={"/a/b/c.html": page, "/a/objects.inv": b"damaged"})
    found, paths = await fetched(server, "/a/b/c.html", tmp_path / "a")
    assert (paths, found.inventory) == (["/a/b/c.html"], "")
    assert ("/a/objects.inv" in server.asked) == (page == HOME)


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The disk's trouble is a StorageError, not a page that is left out."""
    folder = tmp_path / "a"
    folder.mkdir()
    full = Path("/dev/full")
    async with serve(sphinx(a=1)) as base, Fetcher(LOCAL) as fetcher:
        first = await fetcher.page(f"{base}/docs/index.html")
        (folder / "objects.inv").symlink_to(full)
        with pytest.raises(StorageError, match="full"):
            await collect(fetcher, first, LOCAL, folder, lambda *_: None)
