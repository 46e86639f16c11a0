"""Which links of a page are followed."""

from __future__ import annotations

import time

import pytest

from gptoss_lab.documents.links import chosen_version, map_links, of_version, page_links, same_page, scope_of

SCOPE = "https://a.example/docs/"


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        ("https://a.example/docs/", SCOPE),
        ("https://a.example/docs/index.html", SCOPE),
        ("https://a.example/docs/page.html", ""),
        ("https://a.example/docs", ""),
        ("https://a.example/", "https://a.example/"),
    ],
)
def test_an_address_of_a_folder_is_a_site(url: str, scope: str) -> None:
    """That of a page is the page alone."""
    assert scope_of(url) == scope


def test_links_that_are_followed() -> None:
    """Below the scope, once, in order; no questions, downloads, indexes or other hosts."""
    page = b"""<a href="b.html#x">b</a> <A class=x HREF='sub/'>sub</A> <a href="/docs/b.html">again</a>
    <a href="../up.html">up</a> <a href="https://b.example/docs/">other</a> <a href="?month=5">next</a>
    <a href="x.zip">zip</a> <a href="genindex.html">index</a> <a href="1.0">one</a> <a href="http://[x">broken</a>
    <a href="a&amp;b.html">amp</a> <a href="javascript:go()">js</a>"""
    assert page_links(page, f"{SCOPE}index.html", SCOPE) == [
        f"{SCOPE}b.html", f"{SCOPE}sub/", f"{SCOPE}1.0", f"{SCOPE}a&b.html",
    ]  # fmt: skip


def test_paths_that_go_round_in_circles_are_left() -> None:
    """A relative link on an error page makes a path that grows for ever."""
    page = b'<a href="x/y.html">x</a>'
    assert page_links(page, f"{SCOPE}x/x/", SCOPE) == []
    assert page_links(page, f"{SCOPE}x/", SCOPE) == [f"{SCOPE}x/x/y.html"]


def test_a_page_made_to_be_slow_is_not() -> None:
    """Tags that never end cost no more than their length."""
    started = time.perf_counter()
    assert page_links(b"<a " * 300_000 + b"href=", SCOPE, SCOPE) == []
    assert time.perf_counter() - started < 2


def test_a_map_of_a_site() -> None:
    """Its locations below the scope."""
    data = (
        b"<urlset><url><loc> https://a.example/docs/a/ </loc></url><url><loc>https://b.example/</loc></url>"
    )
    assert map_links(data, SCOPE) == [f"{SCOPE}a/"]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["1.0", "2.0", "10.1"], "10.1"),
        (["dev", "1.0"], "1.0"),
        (["latest", "stable", "3.0"], "stable"),
        (["guide"], ""),
    ],
)
def test_one_version_of_several(names: list[str], chosen: str) -> None:
    """Stable, then latest, then the highest number; other folders stay."""
    urls = [f"{SCOPE}{name}/a.html" for name in names]
    version, _ = chosen_version(urls, SCOPE)
    assert version == chosen
    assert of_version([*urls, f"{SCOPE}b.html"], SCOPE, version)[-1] == f"{SCOPE}b.html"
    if chosen:
        assert of_version(urls, SCOPE, version) == [f"{SCOPE}{chosen}/a.html"]


def test_an_index_page_is_its_folder() -> None:
    """However it is written."""
    assert same_page(f"{SCOPE}index.html") == same_page(SCOPE) == SCOPE
