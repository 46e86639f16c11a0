"""Sites that are not Sphinx's: MkDocs, pkgdown, Quarto, or written by hand; and sites that misbehave."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.site import Site as Found
from gptoss_lab.documents.site import collect
from gptoss_lab.schemas.config import DocumentConfig
from tests.fakes.documents import Site, serve

LOCAL = DocumentConfig(allow_private_addresses=True, fetch_delay_s=0, fetch_timeout_s=2)


def page(*links: str, words: str = "") -> bytes:
    """Return a page with links."""
    anchors = "".join(f"<a href={link!r}>x</a>" for link in links)
    return f"<main><h1>{words or links}</h1>{anchors}</main>".encode()


async def read(site: Site, path: str, folder: Path, **limits: float) -> tuple[Found, list[str]]:
    """Collect the site at a path; return it and the paths of its pages, sorted."""
    config = LOCAL.model_copy(update=limits)
    await asyncio.to_thread(folder.mkdir)
    async with serve(site) as base, Fetcher(config) as fetcher:
        for at, target in site.redirects.items():
            site.redirects[at] = target.replace("BASE", base)
        first = await fetcher.page(f"{base}{path}")
        found = await collect(fetcher, first, config, folder, lambda *_: None)
        return found, sorted(file.path.removeprefix(base) for file in found.files)


def manual() -> Site:
    """Return a site of four pages, one of them only on its map."""
    return Site(pages={
        "/m/": page("guide/", "ref.html", "../outside.html", "guide/?q=1"),
        "/m/guide/": page("../", "deep/a.html"),
        "/m/guide/deep/a.html": page("../../ref.html", words="a"),
        "/m/ref.html": page(words="ref"),
        "/outside.html": page(words="outside"),
    })  # fmt: skip


async def test_the_pages_below_a_folder_are_read(tmp_path: Path) -> None:
    """Links are followed within it, whoever generated it."""
    site = manual()
    found, paths = await read(site, "/m/", tmp_path / "a")
    assert paths == ["/m/", "/m/guide/", "/m/guide/deep/a.html", "/m/ref.html"]
    assert found.warnings == ()
    assert "/outside.html" not in site.asked
    assert len(site.asked) == len(set(site.asked))


async def test_a_page_of_its_own_is_read_alone(tmp_path: Path) -> None:
    """A person who names a page means it."""
    _, paths = await read(manual(), "/m/ref.html", tmp_path / "a")
    assert paths == ["/m/ref.html"]


async def test_a_map_names_pages_that_nothing_links_to(tmp_path: Path) -> None:
    """As MkDocs, pkgdown and Quarto write one."""
    site = Site(pages={"/m/": page(words="home"), "/m/b.html": page(words="b")})
    site.redirects["/m/a"] = "/m/b.html"
    site.pages["/m/sitemap.xml"] = b"<loc>http://x/m/b.html</loc>"
    _, paths = await read(site, "/m/", tmp_path / "a")
    assert paths == ["/m/"]
    site.pages["/m/"] = page("a")
    _, paths = await read(site, "/m/", tmp_path / "b")
    assert paths == ["/m/", "/m/b.html"]


async def test_an_endless_calendar_ends(tmp_path: Path) -> None:
    """Each page links to the next: depth and the number of pages bound it, and the person is told."""
    site = Site(pages={f"/c/{day}.html": page(f"{day + 1}.html") for day in range(500)})
    site.pages["/c/"] = page("0.html")
    found, paths = await read(site, "/c/", tmp_path / "a", max_site_depth=5)
    assert len(paths) == 6
    site.pages["/c/"] = page(*(f"{day}.html" for day in range(500)))
    found, paths = await read(site, "/c/", tmp_path / "b", max_site_pages=10)
    assert len(paths) == 10
    assert found.warnings[0].startswith("Only 10 pages were read: the site has more")


async def test_links_that_lead_round_in_a_circle(tmp_path: Path) -> None:
    """A cycle of links is walked once, a cycle of redirects is a page that is left out."""
    site = Site(
        pages={
            "/c/": page("a.html", "r1", "r2"),
            "/c/a.html": page("b.html"),
            "/c/b.html": page("a.html", "./"),
        },
        redirects={"/c/r1": "/c/r2", "/c/r2": "/c/r1"},
    )
    found, paths = await read(site, "/c/", tmp_path / "a")
    assert paths == ["/c/", "/c/a.html", "/c/b.html"]
    assert all("redirects" in warning for warning in found.warnings)
    assert len(found.warnings) == 2


async def test_a_site_that_leads_inside_is_not_followed(tmp_path: Path) -> None:
    """A redirect to a metadata service or to another part of the host is left out, with the reason."""
    site = Site(
        pages={"/c/": page("a", "b"), "/secret": page(words="secret")},
        redirects={"/c/a": "http://169.254.169.254/latest/", "/c/b": "BASE/secret"},
    )
    found, paths = await read(site, "/c/", tmp_path / "a")
    assert paths == ["/c/"]
    assert "not a public address" in " ".join(found.warnings)
    assert "it leads to" in " ".join(found.warnings)


async def test_robots_are_heeded(tmp_path: Path) -> None:
    """What the site asks programs not to read is not asked for, and the person is told how much."""
    site = manual()
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /m/guide"
    found, paths = await read(site, "/m/", tmp_path / "a")
    assert paths == ["/m/", "/m/ref.html"]
    assert "1 pages were left out: the site's robots.txt" in found.warnings[0]
    assert not any(asked.startswith("/m/guide") for asked in site.asked)


async def test_a_slow_site_is_read_as_far_as_the_time_goes(tmp_path: Path) -> None:
    """The pages until then are kept."""
    site = Site(pages={f"/s/{number}": page(words=str(number)) for number in range(30)})
    site.pages["/s/"] = page(*map(str, range(30)))
    found, paths = await read(site, "/s/", tmp_path / "a", fetch_delay_s=0.03, site_timeout_s=0.3)
    assert 1 <= len(paths) < 30
    assert "0 s that are allowed" in found.warnings[0]


async def test_pages_of_wrong_types_are_left_out(tmp_path: Path) -> None:
    """A video, a picture that says it is HTML, pages that are gone: each has its reason, five are told."""
    names = ["v", "i", *(f"gone{number}" for number in range(8))]
    site = Site(pages={"/w/": page("ok", *names), "/w/ok": page(words="ok"), "/w/v": b"x", "/w/i": b"\0\1\2"})
    site.types["/w/v"] = "video/mp4"
    found, paths = await read(site, "/w/", tmp_path / "a")
    assert paths == ["/w/", "/w/ok"]
    assert len(found.warnings) == 6
    assert found.warnings[-1] == "5 more pages were left out"


async def test_two_versions_under_one_address(tmp_path: Path) -> None:
    """One is read, for a mixture is worse than none; the person is told which."""
    site = Site(pages={"/": page("1.5/", "2.0/", "about.html"), "/about.html": page(words="about")})
    for version in ("1.5", "2.0"):
        site.pages[f"/{version}/"] = page("api.html", f"../{'1.5' if version == '2.0' else '2.0'}/api.html")
        site.pages[f"/{version}/api.html"] = page(words=version)
    found, paths = await read(site, "/", tmp_path / "a")
    assert paths == ["/", "/2.0/", "/2.0/api.html", "/about.html"]
    assert found.warnings == ("Of the versions 2.0, 1.5 of the site, 2.0 was read",)


async def test_a_page_at_two_addresses_is_read_once(tmp_path: Path) -> None:
    """A folder and its index are one page."""
    site = Site(pages={"/d/": page("index.html", "a/", "a/index.html"), "/d/a/": page(words="a")})
    site.pages["/d/index.html"], site.pages["/d/a/index.html"] = site.pages["/d/"], site.pages["/d/a/"]
    _, paths = await read(site, "/d/", tmp_path / "a")
    assert paths == ["/d/", "/d/a/"]


async def test_a_site_that_is_cancelled(tmp_path: Path) -> None:
    """Ctrl-C ends the reading at once."""
    site = manual()
    site.silent.add("/m/ref.html")
    await asyncio.to_thread((tmp_path / "a").mkdir)
    async with serve(site) as base, Fetcher(LOCAL) as fetcher:
        first = await fetcher.page(f"{base}/m/")
        reading = asyncio.ensure_future(collect(fetcher, first, LOCAL, tmp_path / "a", lambda *_: None))
        await asyncio.wait_for(site.waits.wait(), timeout=5)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
