"""Parsed pages survive their way through the index."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.documents.blocks import Block, Page, Symbol
from gptoss_lab.documents.pages import page_from_json, page_to_json

TEXT = st.text(max_size=30)
BLOCKS = st.builds(
    Block,
    st.sampled_from(["heading", "prose", "code", "table"]),
    TEXT,
    level=st.integers(0, 6),
    language=TEXT,
    anchor=TEXT,
    page=st.none() | st.integers(1, 999),
)
SYMBOLS = st.builds(
    Symbol, TEXT, st.sampled_from(["class", "function"]), TEXT, aliases=st.lists(TEXT, max_size=3).map(tuple)
)
PAGES = st.builds(
    Page,
    TEXT,
    st.lists(BLOCKS, max_size=4),
    st.lists(SYMBOLS, max_size=3),
    st.lists(TEXT, max_size=2),
)


@given(PAGES)
def test_a_page_comes_back_as_it_went(page: Page) -> None:
    """Whatever is in it, also what no font can show."""
    assert page_from_json(page_to_json(page)) == page
