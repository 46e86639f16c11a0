"""Where a command of R ends."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.listings_r import r_goes_on, r_is_balanced


@pytest.mark.parametrize(
    "source",
    [
        "f(a,",
        "x <-",
        "y ~ a +",
        'paste("a',
        "if (x > 1)",
        "for (i in 1:3)",
        "function(x, y = c(1, 2))",
        "sapply(x, \\(i)",
        "{ a",
        "x %*%",
        "if (a) b else",
        "x |>",
    ],
)
def test_what_r_would_ask_more_for(source: str) -> None:
    """An open bracket, an open string, an operator, or the head of a statement without its body."""
    assert r_goes_on(source)


@pytest.mark.parametrize(
    "source",
    ["f(a)", "x <- 1", '"a ) b"', "g(if (x) 1 else 2)", "y ~ a + ...", "", "(a)", "x # (", "if (a) b"],
)
def test_what_is_complete(source: str) -> None:
    """Brackets in strings and comments are none; a closed call is no head."""
    assert not r_goes_on(source)


def test_brackets_close_in_their_order() -> None:
    """And strings close."""
    assert r_is_balanced("f(x[1], {y})")
    assert not r_is_balanced("f(x[1)]")
    assert not r_is_balanced("f(x))")
    assert not r_is_balanced('"a')
    assert not r_is_balanced("f(")
