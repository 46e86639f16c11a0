"""Where code comes from, in a line that a reader can follow and nothing hides in."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from gptoss_lab.drafts.source_line import MAX_TITLE, link_of, source_line
from gptoss_lab.schemas.documents import Citation

PAGE = "https://pandas.pydata.org/docs/reference/groupby.html"


def test_places_are_named_and_linked() -> None:
    """Where there is an address; local documentation has none."""
    linked = Citation(
        source="pandas",
        title="GroupBy.mean",
        version="3.0",
        symbol="pandas.GroupBy.mean",
        link=PAGE,
        anchor="mean",
    )
    local = Citation(source="guide.pdf", title="Fitting", page=3)
    assert source_line([linked, local]) == (
        f"Sources: [pandas.GroupBy.mean \\(pandas 3.0\\)]({PAGE}#mean) · Fitting \\(guide.pdf, page 3\\)"
    )


@pytest.mark.parametrize(
    ("citation", "link"),
    [
        (Citation(source="s", title="t", link=PAGE, anchor="a b"), f"{PAGE}#a%20b"),
        (Citation(source="s", title="t", link=f"{PAGE}#x", anchor="y"), f"{PAGE}#x"),
        (Citation(source="s", title="t", link="https://e.org/a.pdf", page=2), "https://e.org/a.pdf#page=2"),
        (Citation(source="s", title="t", link="javascript:alert(1)"), ""),
        (Citation(source="s", title="t", link="https://e.org/ onclick=x"), ""),
        (Citation(source="s", title="t", link="https://e.org/" + "x" * 3000), ""),
        (Citation(source="s", title="t"), ""),
    ],
)
def test_only_addresses_of_pages_are_links(citation: Citation, link: str) -> None:
    """With the anchor or the page that the citation names."""
    assert link_of(citation) == link


@pytest.mark.parametrize(
    "title",
    [
        "![x](https://evil.example/?q)",
        "<img src=https://evil.example>",
        "[a](javascript:alert(1))",
        "**bold** `code` $x$ ~~y~~ # h",
        "line\n\n# heading\n- item",
        "&lt;b&gt; \\",
    ],
)
def test_titles_are_text(title: str) -> None:
    """Whatever a document calls itself, a reader sees its letters and no page loads anything."""
    line = source_line([Citation(source="s", title=title, link="https://e.org/a_(b)")])
    tokens = MarkdownIt("commonmark").parse(line)
    kinds = [child.type for token in tokens for child in token.children or ()]
    assert set(kinds) <= {"text", "text_special", "link_open", "link_close"}
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    (link,) = [child for token in tokens for child in token.children or () if child.type == "link_open"]
    assert link.attrs["href"] == "https://e.org/a_%28b%29"


def test_long_titles_are_cut() -> None:
    """A line is short."""
    assert len(source_line([Citation(source="s", title="x" * 5000)])) < MAX_TITLE + 20
