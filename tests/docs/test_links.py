"""Links of the pages that Sphinx does not read, and the form of those that lead to other sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.pages import DOCS, ROOT, pages

PATH = re.compile(r"(?:deploy|tests|tools|docs|gptoss_lab|bench|src|schema|ui-tests|binder)/[\w./-]*")
IN_HTML = re.compile(r"(?:src|srcset|href)=\"([^\"]+)\"")


def links(text: str) -> Iterator[str]:
    """Return where the links and pictures of a page lead."""
    for token in walk(MarkdownIt().enable("table").parse(text)):
        for name in ("href", "src"):
            if name in token.attrs:
                yield str(token.attrs[name])
        if token.type in {"html_block", "html_inline"}:
            yield from IN_HTML.findall(token.content)


def walk(tokens: list[Token]) -> Iterator[Token]:
    """Return tokens with all that is in them."""
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def mistake(link: str, page: Path) -> str:
    """Return what is wrong with a link; empty where nothing is."""
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        if parts.scheme != "https":
            return f"{link} does not begin with https://"
        named = parts.hostname is not None and "." in parts.hostname
        return "" if named and not re.search(r"[\s<>\"]", link) else f"{link} is no address"
    if not parts.path or DOCS in page.parents:
        return ""  # Sphinx follows these
    return "" if (page.parent / parts.path).exists() else f"{link} leads nowhere"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Files of the repository are there; addresses of other sites look like such."""
    wrong = [mistake(link, page) for link in links(page.read_text(encoding="utf-8"))]
    assert not [words for words in wrong if words]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](gone.md)", "gone.md leads nowhere"),
        ("![a](docs/gone.png)", "docs/gone.png leads nowhere"),
        ('<img src="docs/gone.png">', "docs/gone.png leads nowhere"),
        ("[a](http://example.org/)", "http://example.org/ does not begin with https://"),
        ("[a](https://nothing)", "https://nothing is no address"),
        ("[a](README.md)", ""),
    ],
)
def test_a_bad_link_is_found(text: str, found: str) -> None:
    """The rule above can fail."""
    assert [mistake(link, ROOT / "README.md") for link in links(text)] == [found]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    """A path of the repository in a page is one; decisions tell of their day and may name what is gone."""
    if page.parent.name == "decisions":
        return
    tokens = walk(MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")))
    named = {
        token.content for token in tokens if token.type == "code_inline" and PATH.fullmatch(token.content)
    }
    assert not {name for name in named if not (ROOT / name).exists()}


def test_the_readme_is_short() -> None:
    """What needs more room has a page of its own."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
