"""Chunks keep code whole and follow headings."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.documents.blocks import Block, Place, Symbol, estimate_tokens
from gptoss_lab.documents.chunks import MAX_SYMBOL_TOKENS, fence, narrative_chunks, symbol_chunks

PLACE = Place("s", "Title")


def test_a_symbol_is_one_chunk_with_its_first_example() -> None:
    """Signature, text and example stand together."""
    symbol = Symbol("a.f", "function", "a.f(x)", "Do it.", "Do it.", ">>> f(1)\n1")
    (chunk,) = symbol_chunks(symbol, PLACE)
    assert chunk.text == "```python\na.f(x)\n```\n\nDo it.\n\nExample:\n```python\n>>> f(1)\n1\n```"


def test_a_long_description_overflows_into_details() -> None:
    """No chunk is far over the limit, and nothing is lost."""
    body = "\n".join(f"- line {number} of a long table of parameters" for number in range(200))
    chunks = symbol_chunks(Symbol("a.f", "function", "a.f(x)", "s", body), PLACE)
    assert len(chunks) > 1
    assert all(chunk.tokens <= MAX_SYMBOL_TOKENS + 60 for chunk in chunks)
    joined = "\n".join(chunk.text for chunk in chunks)
    assert all(f"line {number} " in joined for number in range(200))


def test_an_undocumented_attribute_has_no_chunk() -> None:
    """Nothing is said of it, so there is nothing to retrieve."""
    assert symbol_chunks(Symbol("a.b", "attribute", "b = 1"), PLACE) == []


def test_a_chunk_knows_which_blocks_it_is_made_of() -> None:
    """From the first to the last that it holds, headings between them too; an object has its anchor."""
    words = " ".join(["word"] * 500)
    blocks = [
        Block("heading", "One", 1),
        Block("prose", words),
        Block("heading", "Two", 1),
        Block("prose", "Short."),
        Block("heading", "Three", 2),
        Block("prose", words),
    ]
    chunks = narrative_chunks(blocks, PLACE)
    assert [chunk.place.span for chunk in chunks] == [(2, 4), (6, 6)]
    assert "Short." in chunks[0].text
    (symbol,) = symbol_chunks(Symbol("a.f", "function", "a.f(x)", "s", "s"), PLACE)
    assert symbol.place.span is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["heading", "prose", "code"]),
            st.text(string.ascii_letters + " .\n`", max_size=4000),
        )
    )
)
def test_narrative_chunks_never_split_code(parts: list[tuple[str, str]]) -> None:
    """Every listing stands whole in exactly one chunk, and prose chunks keep to the limit."""
    blocks = [
        Block("code", text)
        if kind == "code"
        else Block("heading", "H", level=1)
        if kind == "heading"
        else Block("prose", text)
        for kind, text in parts
    ]
    chunks = narrative_chunks(blocks, PLACE)
    for item in blocks:
        if item.kind == "code" and item.text.strip():
            assert any(fence(item.text, "") in chunk.text for chunk in chunks)
    largest = max((estimate_tokens(item.text) for item in blocks if item.kind == "code"), default=0)
    assert all(chunk.tokens <= 1100 + largest for chunk in chunks)


def test_small_sections_are_joined() -> None:
    """Short neighbours make one chunk that keeps their headings."""
    blocks = [
        Block("heading", "A", 1),
        Block("prose", "one"),
        Block("heading", "B", 2),
        Block("prose", "two"),
    ]
    (chunk,) = narrative_chunks(blocks, PLACE)
    assert chunk.text == "one\n\n## B\n\ntwo"
