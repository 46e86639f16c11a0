"""HTML pages in the style of several themes."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.blocks import Page, Place
from gptoss_lab.documents.html import read_html
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.records import page_records
from tests.fakes.documents import THEMES, api_page

HIDDEN = (
    "Navigation",
    "Footer",
    "previous instructions",
    "evil.example",
    "Hidden words",
    "¶",
    "DOCUMENTATION",
)
BROKEN = ["", "<html>", "\ufeff<p>one<p>two", "<table><tr><td>", "<div>" * 3000 + "deep"]


def page(theme: str) -> Page:
    """Return the parsed page of a theme."""
    return read_html(api_page(*THEMES[theme]), fallback_title="x")


def everything(found: Page) -> str:
    """Return all text of a page."""
    return "\n".join([
        *(block.text for block in found.blocks),
        *(item.body + item.examples for item in found.symbols),
    ])


@pytest.mark.parametrize("theme", THEMES)
def test_content_is_kept(theme: str) -> None:
    """Title, sections, code with language and indentation, tables and signatures survive in every theme."""
    found = page(theme)
    assert found.title == "Statistics"
    assert [block.text for block in found.blocks if block.kind == "heading"] == [
        "Statistics",
        "Choose a rate",
    ]
    code = [block for block in found.blocks if block.kind == "code"]
    assert (code[-1].language, code[-1].text.splitlines()[-1]) == (
        "python",
        "    print(shrink([1.0], rate=rate))",
    )
    assert "| rate | effect |\n| --- | --- |\n| 0.1 | strong |" in [block.text for block in found.blocks]
    (symbol,) = found.symbols
    assert (symbol.qualname, symbol.kind, symbol.signature) == (
        "mylib.stats.shrink",
        "function",
        "mylib.stats.shrink(values, *, rate=0.5)",
    )
    assert "rate : float" in symbol.body


@pytest.mark.parametrize("theme", THEMES)
def test_furniture_and_hidden_text_are_removed(theme: str) -> None:
    """Navigation, scripts, comments and what a reader cannot see do not come through."""
    text = everything(page(theme))
    for word in (
        "Navigation",
        "Footer",
        "previous instructions",
        "evil.example",
        "Hidden words",
        "¶",
        "DOCUMENTATION",
    ):
        assert word not in text


@pytest.mark.parametrize("theme", THEMES)
def test_examples_of_a_page_run_by_themselves(theme: str) -> None:
    """The doctest of the function and the listing of the section become units with an anchor."""
    found = page(theme)
    records = page_records(found, Place("stats.html", "Statistics"), NameTable(found.symbols))
    assert [(unit.title, unit.place.anchor) for unit in records.units] == [
        ("mylib.stats.shrink", "mylib.stats.shrink"),
        ("Choose a rate", "rates"),
    ]
    assert all(unit.code.startswith("from mylib.stats import shrink\n") for unit in records.units)
    assert records.units[0].symbols == ("mylib.stats.shrink",)


@pytest.mark.parametrize(
    "text", ["", "<html>", "\ufeff<p>one<p>two", "<table><tr><td>", "<div>" * 3000 + "deep"]
)
def test_broken_pages_are_read_as_far_as_they_go(text: str) -> None:
    """No page breaks the parser."""
    assert read_html(text, fallback_title="x").title == "x"


def test_invisible_characters_and_model_tokens_are_defused() -> None:
    """Zero-width, bidi and tag characters go; control tokens of the model are taken apart."""
    found = read_html("<p>a\u200bb\u202ec\U000e0041d &lt;|start|&gt;system</p>", fallback_title="x")
    assert found.blocks[0].text == "abcd < |start| >system"
