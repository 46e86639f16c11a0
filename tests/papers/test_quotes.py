"""Quotes are found where the paper has them, and nowhere else."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.quotes import find_quote
from gptoss_lab.schemas.papers import PaperBlock, Place

BLOCKS = (
    PaperBlock(
        id="b1",
        kind="prose",
        text="We fit a mixed-effects model with learning rate of 0.05, \u201cearly stop\u00adping\u201d.",
        place=Place(page=3),
    ),
    PaperBlock(id="b2", kind="equation", text="y = Xb + e (3)", latex=r"y = X\beta + \epsilon", label="(3)"),
    PaperBlock(
        id="b3",
        kind="table",
        text="Method  Error\nOurs  -1.25",
        caption="Errors of all methods.",
        rows=(("Method", "Error"), ("Ours", "-1.25")),
    ),
)


@pytest.mark.parametrize(
    ("quote", "block", "part"),
    [
        ("learning  rate\nof 0.05", "b1", "text"),
        ("mixed-\neffects model", "b1", "text"),
        ('"early stopping"', "b1", "text"),
        (r"y = X\beta + \epsilon", "b2", "latex"),
        ("Errors of all methods", "b3", "caption"),
        ("Ours -1.25", "b3", "text"),
        ("y=Xb+e", "b2", "text"),
    ],
)
def test_a_quote_is_found(quote: str, block: str, part: str) -> None:
    """White space, hyphens at line ends and forms of quotes do not matter."""
    found = find_quote(BLOCKS, quote)
    assert found is not None
    assert (found.block, found.part) == (block, part)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "  ",
        "learning rate of 0.5",
        "learning rate of 0.0",
        "rate of 0",
        "earn",
        "we fit a mixed-effects model",
        "Ours 1.25",
        "25",
        "effects of the model",
    ],
)
def test_what_the_paper_does_not_say_is_not_found(quote: str) -> None:
    """Digits, signs, case and whole words do matter."""
    assert find_quote(BLOCKS, quote) is None


def test_the_words_are_those_of_the_paper() -> None:
    """With their offsets, page and typography."""
    found = find_quote(BLOCKS, 'with learning rate of 0.05, "early stopping"')
    assert found is not None
    assert found.place.page == 3
    assert BLOCKS[0].text[found.start : found.end] == found.text
    assert found.text.endswith("\u201cearly stop\u00adping\u201d")


def test_the_named_block_comes_first() -> None:
    """Where several hold the words."""
    twin = BLOCKS[0].model_copy(update={"id": "b9"})
    found = find_quote((*BLOCKS, twin), "learning rate", block="b9")
    assert found is not None
    assert found.block == "b9"
