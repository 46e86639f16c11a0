"""Fetching pages: what is allowed, and how failures read."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest

from gptoss_lab.documents.addresses import check_address
from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig
from tests.fakes.documents import Site, serve

LOCAL = DocumentConfig(
    allow_private_addresses=True, fetch_delay_s=0, fetch_timeout_s=0.5, fetch_max_bytes=10_000
)
STRICT = DocumentConfig(fetch_timeout_s=2)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - the refused
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "192.0.2.1", "198.18.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """Private, loopback, link-local, multicast, reserved, and wrapped forms of them."""
    with pytest.raises(SourceRefusedError, match="not a public address"):
        check_address(address, "host", allow_private=False)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    """Ordinary addresses pass."""
    passed = [address]
    with suppress(SourceRefusedError):
        check_address(address, "host", allow_private=False)
        passed.append("allowed")
    assert passed == [address, "allowed"], f"{address} is public, and was refused"


@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "0.0.0.0"])  # noqa: S104 - the refused
def test_private_mode_still_refuses_metadata_services(address: str) -> None:
    """Permission for private addresses does not reach link-local or multicast ones."""
    with pytest.raises(SourceRefusedError):
        check_address(address, "host", allow_private=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_loopback_is_refused_in_every_spelling(host: str) -> None:
    """What resolves to this machine is refused before anything is sent."""
    site = Site(pages={"/": b"<p>x"})
    async with serve(site) as base, Fetcher(STRICT) as fetcher:
        port = base.rpartition(":")[2]
        with pytest.raises((SourceRefusedError, SourceNotFoundError)):
            await fetcher.page(f"http://{host}:{port}/")
    assert site.asked == []


async def test_a_redirect_is_checked_and_names_are_resolved_once() -> None:
    """A public-looking name that leads to loopback later is refused; the Host header stays the name."""
    site = Site(pages={"/": b"<p>words", "/secret": b"<p>secret"})
    answers = {"docs.example": ["127.0.0.1"], "inside.example": ["169.254.169.254"]}
    asked: list[str] = []

    async def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[host]

    async with serve(site) as base, Fetcher(LOCAL, resolver=resolver) as fetcher:
        port = base.rpartition(":")[2]
        page = await fetcher.page(f"http://docs.example:{port}/")
        assert page.data == b"<p>words"
        assert page.url == f"http://docs.example:{port}/"
        site.redirects["/"] = f"http://inside.example:{port}/secret"
        with pytest.raises(SourceRefusedError, match=r"inside\.example"):
            await fetcher.page(f"http://docs.example:{port}/")
    assert asked == ["docs.example", "docs.example", "inside.example"]
    assert site.asked == ["/", "/"]
    assert site.hosts[0].startswith("docs.example")


async def test_one_private_address_among_public_ones_is_refused() -> None:
    """All addresses of a name are checked, not the first alone."""

    async def resolver(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    async with Fetcher(STRICT, resolver=resolver) as fetcher:
        with pytest.raises(SourceRefusedError, match=r"10\.0\.0\.1"):
            await fetcher.page("https://mixed.example/")


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("/none", SourceNotFoundError, "no page"),
        ("/login", SourceRefusedError, "login"),
        ("/broken", DocumentError, "status 500"),
        ("/large", SourceLimitError, "larger than"),
        ("/bomb", SourceLimitError, "larger than"),
        ("/silent", SourceLimitError, "did not answer in full"),
        ("/loop", DocumentError, "redirects"),
        ("/video", SourceRefusedError, "video/mp4"),
        ("/binary", SourceRefusedError, "binary"),
        ("/data", SourceRefusedError, "JSON"),
        ("/away", SourceRefusedError, "file: addresses"),
    ],
)
async def test_each_failure_has_its_message(path: str, kind: type[DocumentError], message: str) -> None:
    """Missing, forbidden, failing, too large, too slow, endless, wrong type: each says what it is."""
    site = Site(
        pages={
            "/login": b"x",
            "/broken": b"x",
            "/large": b"x" * 20_000,
            "/bomb": gzip.compress(b"x" * 20_000),
            "/video": b"x",
            "/binary": b"\0\1",
            "/data": b"{}",
        },
        types={"/video": "video/mp4", "/binary": "application/octet-stream", "/data": "application/json",
               "/bomb": "text/html\r\nContent-Encoding: gzip"},
        statuses={"/login": 403, "/broken": 500},
        redirects={"/loop": "/loop", "/away": "file:///etc/passwd"},
        silent={"/silent"},
    )  # fmt: skip
    async with serve(site) as base, Fetcher(LOCAL) as fetcher:
        with pytest.raises(kind, match=message):
            await fetcher.page(base + path)


async def test_nothing_answers() -> None:
    """A refused connection is a page that is not found, with a hint."""
    async with serve(Site()) as base:
        pass
    async with Fetcher(LOCAL) as fetcher:
        with pytest.raises(SourceNotFoundError, match="Nothing answers"):
            await fetcher.page(base)


async def test_what_never_ends_is_stopped_at_the_limit() -> None:
    """A page of no stated length is read until the limit, and no further: not two gigabytes."""
    site = Site(endless={"/flood"})
    async with serve(site) as base, Fetcher(LOCAL) as fetcher:
        with pytest.raises(SourceLimitError, match="larger than"):
            await fetcher.page(base + "/flood")
    assert site.sent < 16 << 20


async def test_a_server_that_is_busy_is_asked_again() -> None:
    """As long as it asks to come back soon, and not for ever."""
    site = Site(pages={"/a": b"<p>words", "/b": b"<p>x", "/c": b"<p>x"}, busy={"/a": 2, "/b": 9})
    async with serve(site) as base, Fetcher(LOCAL) as fetcher:
        assert (await fetcher.page(f"{base}/a")).data == b"<p>words"
        with pytest.raises(DocumentError, match="asks to come back later"):
            await fetcher.page(f"{base}/b")
        site.busy["/c"], site.later = 1, "3600"
        with pytest.raises(DocumentError, match="after 3600"):
            await fetcher.page(f"{base}/c")
    assert (site.asked.count("/a"), site.asked.count("/b"), site.asked.count("/c")) == (3, 3, 1)


async def test_we_say_who_we_are() -> None:
    """An administrator who reads the log finds the project."""
    site = Site(pages={"/a": b"<p>words"})
    async with serve(site) as base, Fetcher(LOCAL) as fetcher:
        await fetcher.page(f"{base}/a")
    assert site.agents[0].startswith("gptoss-lab/")


async def test_a_page_that_says_html_and_is_something_else() -> None:
    """The bytes decide: a PDF is one, a picture is refused, words at a .pdf address are a page."""
    site = Site(pages={"/a": b"%PDF-1.7 x", "/b.html": b"\x89PNG\r\n\0\0", "/c.pdf": b"<p>Log in"})
    async with serve(site) as base, Fetcher(LOCAL) as fetcher:
        assert (await fetcher.page(f"{base}/a")).media == "pdf"
        assert (await fetcher.page(f"{base}/c.pdf")).media == "html"
        with pytest.raises(SourceRefusedError, match="binary"):
            await fetcher.page(f"{base}/b.html")
