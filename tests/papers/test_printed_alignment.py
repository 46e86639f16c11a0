"""Which line of what a cell printed is which line of what the paper prints."""

from __future__ import annotations

from gptoss_lab.papers.printed_alignment import aligned, paired, score_of
from gptoss_lab.papers.printed_values import rows_of


def pairs(printed: str, actual: str) -> list[tuple[str, str]]:
    """Return the numbers that are compared."""
    here, there = rows_of(printed.splitlines()), rows_of(actual.splitlines())
    return [
        (first.text, second.text)
        for place, other in aligned(here, there).items()
        for first, second in paired(here[place], there[other])
    ]


def test_rows_are_matched_by_their_words() -> None:
    """Whatever their numbers are; lines that only one side has stand aside."""
    actual = "Call: f\n\n            Estimate\n(Intercept)  251.405\nDays          10.467\n---\nsigma 3"
    assert pairs("(Intercept) 251.41\nDays 10.47", actual) == [("251.41", "251.405"), ("10.47", "10.467")]
    assert pairs("(Intercept) 999.99", actual) == [("999.99", "251.405")]


def test_the_order_is_kept() -> None:
    """Two tables with the same rows do not mix, even where a number stands in the wrong one."""
    actual = "Days 35.07 5.922\nResidual 654.94 25.592\nDays 10.467 1.546\n"
    assert pairs("Days 35.1 5.92\nResidual 1.0 2.0\nDays 10.47 1.55", actual) == [
        ("35.1", "35.07"),
        ("5.92", "5.922"),
        ("1.0", "654.94"),
        ("2.0", "25.592"),
        ("10.47", "10.467"),
        ("1.55", "1.546"),
    ]


def test_a_number_without_its_words_is_not_found() -> None:
    """That it is printed anywhere says nothing."""
    assert pairs("REML criterion: 1743.6", "deviance: 1743.6") == []
    assert pairs("a 1 2 3", "a 1 2") == []


def test_numbers_alone_mean_what_stands_above() -> None:
    """The head is what their words are."""
    assert pairs("Min Max\n-3.9 5.1", "Q1 Q3\n1 2\nMin Max\n-3.95 5.18") == [
        ("-3.9", "-3.95"),
        ("5.1", "5.18"),
    ]


def test_lines_that_were_cut_are_compared_as_far_as_they_go() -> None:
    """On either side."""
    assert pairs("$ a: num 250 259 ...", "$ a: num 250 259 251 ...") == [("250", "250"), ("259", "259")]


def test_decorations_do_not_count() -> None:
    """Stars of significance, dots of sparse matrices, and how what is missing is printed."""
    assert pairs("x 1.5 NA", "x  1.52 *** <NA>") == [("1.5", "1.52")]
    assert pairs("[1,] 1 . .", "[1,] 1 .  ") == [("1", "1")]


def test_scores_count_the_numbers_that_can_be_compared() -> None:
    """So that of several cells the right one is taken."""
    here = rows_of(["a 1 2", "b 3"])
    assert score_of(here, rows_of(["a 4 5"])) == 2
    assert score_of(here, rows_of(["c 4 5"])) == 0
    assert score_of([], here) == 0
