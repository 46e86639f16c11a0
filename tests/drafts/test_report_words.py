"""A report in words, in Markdown and in HTML."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import Any

import pytest

from gptoss_lab.drafts.report import read_report
from gptoss_lab.drafts.report_document import Document, Facts, Link, Paragraph, Table, is_web_address, plain
from gptoss_lab.drafts.report_html import to_html
from gptoss_lab.drafts.report_markdown import escaped, to_markdown
from gptoss_lab.drafts.report_words import report_document
from tests.drafts.test_report import cell, record

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b id="x',
    "[a](javascript:alert(1))",
    "![a](http://x/y.png)",
    "| a | b |\n\n# title\n- item",
    "$$\\href{javascript:alert(1)}{x}$$ \\(x\\)",
    "`code` *a* _b_ ~~c~~",
    "http://x.test www.x.test a@x.test",
    "&lt;script&gt; &#60;",
    "\u202etxt.exe\u2066",
)


def document(*cells: dict[str, Any], **ours: Any) -> Document:
    """Return the report of a notebook."""
    notebook = {"cells": list(cells), "metadata": {"gptoss_lab": ours}}
    return report_document(read_report(notebook, "a.ipynb"), MADE)


def facts(found: Document) -> dict[str, Any]:
    """Return all facts by their names."""
    return {name: values for block in found.blocks if isinstance(block, Facts) for name, values in block.rows}


def rows(found: Document) -> list[tuple[str, ...]]:
    """Return the rows of all tables."""
    return [row for block in found.blocks if isinstance(block, Table) for row in block.rows]


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def test_a_notebook_without_generated_cells_says_so() -> None:
    """And when it was asked."""
    found = document(cell())
    assert found.title == "Generated cells in a.ipynb"
    assert found.blocks == (
        Paragraph("Made on 2026-01-02 at 03:04 UTC."),
        Paragraph("Nothing in this notebook was generated with gpt-oss."),
    )


def test_the_sum_is_told_first() -> None:
    """How much of the code, what became of the cells, how much was changed."""
    found = document(
        cell("mine = 1"),
        cell("x = 1", review="accepted", record=record(text="x = 1")),
        cell("x = 2", review="accepted", cell="c2", record=record("edited", edit_distance=5)),
        cell("x = 3", review="pending", cell="c3"),
        removed=[{"job": "j1", "cell": "c4", "generator": "model", "record": record("rejected")}],
    )
    assert facts(found)["Code in accepted generated cells"] == ("2 of 4 lines (50 %)",)
    assert facts(found)["4 cells"] == (
        "1 accepted as generated, 1 edited and accepted, 1 rejected, 1 waiting for review",
    )
    assert facts(found)["Changed before acceptance"] == ("25 % of the characters",)
    assert facts(found)["Edited since acceptance"] == ("1 cell",)


def test_a_generation_says_where_it_comes_from() -> None:
    """Its task, who answered, and links to the web alone."""
    sources = [
        {"source": "pandas", "title": "groupby", "version": "2.3", "link": "https://pandas.test/a?b=1&c=2"},
        {"source": "paper", "title": "A paper", "page": 3, "link": "javascript:alert(1)"},
    ]
    found = facts(document(cell(review="accepted", seed=7, sources=sources)))
    assert found["Task"] == ("plot",)
    assert found["Generator"] == ("model m, seed 7",)
    assert found["Sources"] == (Link("groupby, 2.3", "https://pandas.test/a?b=1&c=2"), "A paper, page 3")
    examples = facts(document(cell(review="accepted", generator="examples", model="", task="")))
    assert examples["Generator"] == ("the documentation's own examples, without a model",)
    assert examples["Task"] == ("not recorded",)


def test_a_cell_says_who_decided_and_what_was_checked() -> None:
    """One row each."""
    verification = {"status": "ok", "duration_s": 1.25, "peak_memory_bytes": 3 << 20}
    finding = {"check": "api", "severity": "warning", "cell": "c1", "message": "no such name"}
    part = {"at": "", "scope": "hunk", "verdict": "accepted"}
    found = document(
        cell(
            "x = 2",
            review="accepted",
            change="changed",
            record=record("edited", edit_distance=5),
            verification=verification,
            checks=[finding, finding, {**finding, "severity": "info"}],
            decisions=[part, {**part, "verdict": "rejected"}],
        ),
        cell(review="pending", cell="c2"),
        cell(review="accepted", cell="c3", record=record("edited", edit_distance=None, at="soon", by="")),
        removed=[{"job": "j1", "cell": "c4", "generator": "model", "record": record("rejected")}],
    )
    edited, waiting, unmeasured, gone = rows(found)
    assert edited == (
        "1 (code)",
        "changed",
        "edited and accepted; parts: 1 accepted, 1 rejected; edited since",
        "Ada",
        "2026-01-02 03:04 UTC",
        "50 %",
        "ran well in 1.2 s, 3 MB",
        "no such name (and 1 more)",
    )
    assert waiting[2:7] == (
        "waiting for review",
        "not recorded",
        "not recorded",
        "not decided",
        "not run",
    )
    assert unmeasured[3:6] == ("not recorded", "not recorded", "not measured")
    assert gone[:6] == ("not in the notebook", "new", "rejected", "Ada", "2026-01-02 03:04 UTC", "none kept")


def test_the_environment_is_told() -> None:
    """With its packages, so that the code can be run in the same."""
    image = {"runtime": "docker", "image": "sha256:a", "tag": "python-1", "packages": {"b": "2", "a": "1"}}
    found = facts(document(cell(review="accepted"), environments={"sha256:a": image}))
    assert found["Packages"] == ("a 1, b 2",)
    assert "Language version" not in found


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup(text: str) -> None:
    """Wherever metadata can put it, it is shown as it is: no element, no link, no table row of its own."""
    hostile = document(
        cell(
            "x",
            text,
            review="accepted",
            job=text,
            task=text,
            model=text,
            sources=[{"source": text, "title": text, "version": text, "symbol": text, "link": text}],
            checks=[{"check": "api", "severity": "error", "cell": text, "message": text}],
            record=record("edited", edit_distance=1, by=text, at=text),
            verification={"status": "error", "error": text},
        ),
        environments={"i": {"runtime": "docker", "image": text, "tag": text, "packages": {text: text}}},
    )
    harmless = document(
        cell(
            "x",
            review="accepted",
            sources=[{"source": "a", "title": "a"}],
            record=record("edited", edit_distance=1),
        ),
        environments={"i": {"runtime": "docker", "image": "i", "tag": "t", "packages": {"a": "1"}}},
    )
    page, plain_page = Page(to_html(hostile)), Page(to_html(harmless))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain_page.elements]
    assert plain(text) in page.text
    markdown = to_markdown(hostile)
    assert len(markdown.splitlines()) == len(to_markdown(harmless).splitlines())
    assert not re.search(r"<[a-z]|(?<!\\)[`$~]|(?<!\\)\]\(|://|www\.|@|\\\\", markdown)


def test_links_lead_to_the_web_alone() -> None:
    """In both formats an address cannot leave its place."""
    address = "https://a.test/x_(y)?q=\"'<b>&c=1|2"
    found = Document("t", (Facts((("Sources", (Link("a", address), "b")),)),))
    (link,) = [attrs for tag, attrs in Page(to_html(found)).elements if tag == "a"]
    assert link["href"] == address
    assert link["rel"] == "noopener noreferrer"
    assert "[a](<https://a.test/x%5F%28y%29?q=\"'%3Cb%3E&c=1%7C2>)" in to_markdown(found)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.test",
        "https://",
        "https://a.test/ b",
        "https://a.test/\n",
        "https://é.test",
        "http://[x",
        f"https://a.test/{'x' * 3000}",
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    """It is shown, and leads nowhere."""
    assert not is_web_address(url)
    assert is_web_address("http://a.test:8080/x#y")


def test_a_page_stands_alone() -> None:
    """It loads nothing, runs nothing, has a language and one first heading, and names its colours."""
    text = to_html(document(cell(review="accepted")), "dark")
    page = Page(text)
    tags = [tag for tag, _ in page.elements]
    assert ("html", {"lang": "en", "data-theme": "dark"}) in page.elements
    assert tags.count("h1") == tags.count("main") == 1
    assert not {"script", "img", "link", "iframe", "form"} & set(tags)
    assert "default-src 'none'" in text
    assert "url(" not in text


def test_plain_text_is_one_short_line() -> None:
    """Nothing unseen is left, and nothing without an end."""
    assert plain(" a\n\tb\x00\u200b\u202e c ") == "a b c"
    assert plain("x" * 999, 10) == "xxxxxxxxx…"
    assert escaped("a#1 &") == "a\\#1 &#38;"
