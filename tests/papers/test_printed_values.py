"""The numbers in what a program printed."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.printed_labels import labels_of
from gptoss_lab.papers.printed_values import MAX_LINES, number_of, rows_of

SUMMARY = """\
REML criterion at convergence: 1743.6

Scaled residuals:
   Min     1Q Median     3Q    Max
-3.954 -0.463  0.023  0.463  5.179
Random effects:
 Groups   Name        Variance Std.Dev. Corr
 Subject  (Intercept) 612.1    24.74
          Days         35.1     5.92    0.07
 Residual             654.9    25.59
Number of obs: 180, groups:  Subject, 18
Fixed effects:
            Estimate Std. Error t value
(Intercept)   251.41       6.82   36.84
Days           10.47       1.55    6.77
"""


def named(text: str, source: str = "f(x)") -> dict[str, str]:
    """Return what each number is called."""
    rows = rows_of(text.splitlines())
    return {
        label: number.text
        for row, labels in zip(rows, labels_of(rows, source), strict=True)
        for number, label in zip(row.numbers, labels, strict=True)
    }


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("1743.6", 1743.6, 0.1),
        ("-0.138", -0.138, 0.001),
        ("\u22122", -2.0, 1.0),
        ("8.8e-11", 8.8e-11, 1e-12),
        ("23,875", 23875.0, 1.0),
        ("95%", 95.0, 1.0),
        (".5", 0.5, 0.1),
        ("1e5", 1e5, 1e5),
        ("0.060948", 0.060948, 1e-6),
    ],
)
def test_numbers(text: str, value: float, step: float) -> None:
    """With one unit of the last digit that is printed."""
    found = number_of(text)
    assert found
    assert found.value == pytest.approx(value)
    assert found.step == pytest.approx(step)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "1.2.3",
        "[1]",
        "2015-10",
        "x1",
        "1:3",
        "(0",
        "1e999",
        "\u0661",
        "NA",
    ],
)
def test_what_is_no_number(text: str) -> None:
    """Versions, dates, indices and parts of formulas."""
    assert number_of(text) is None


def test_endless_digits_are_no_number() -> None:
    """Nobody printed them as a result."""
    assert number_of("9" * 5000) is None
    assert number_of("1e" + "9" * 5000) is None


def test_numbers_are_called_by_row_and_column() -> None:
    """As a person would: heads of two words, values that are aligned to the left, empty cells."""
    assert named(SUMMARY) == {
        "REML criterion at convergence": "1743.6",
        "Scaled residuals: Min": "-3.954",
        "Scaled residuals: 1Q": "-0.463",
        "Scaled residuals: Median": "0.023",
        "Scaled residuals: 3Q": "0.463",
        "Scaled residuals: Max": "5.179",
        "Subject (Intercept) Variance": "612.1",
        "Subject (Intercept) Std.Dev.": "24.74",
        "Days Variance": "35.1",
        "Days Std.Dev.": "5.92",
        "Days Corr": "0.07",
        "Residual Variance": "654.9",
        "Residual Std.Dev.": "25.59",
        "Number of obs": "180",
        "groups: Subject": "18",
        "(Intercept) Estimate": "251.41",
        "(Intercept) Std. Error": "6.82",
        "(Intercept) t value": "36.84",
        "Days Estimate": "10.47",
        "Days Std. Error": "1.55",
        "Days t value": "6.77",
    }


def test_rows_with_numbers_for_names() -> None:
    """The number of a row is a name and no value."""
    text = "  group  value\n1     1 -0.626\n2     1  0.184\n"
    assert named(text) == {
        "row 1 group": "1",
        "row 1 value": "-0.626",
        "row 2 group": "1",
        "row 2 value": "0.184",
    }
    frame = "       grp        var1 var2     vcov\n1  Subject (Intercept) <NA> 612.1002\n"
    assert named(frame) == {"Subject (Intercept) vcov": "612.1002"}


def test_vectors_that_wrap_are_one() -> None:
    """Their values are counted through; one alone is what the command gives."""
    rows = rows_of([" [1] 1 2 3", " [4] 4 5", "[1] 9"])
    assert [[number.text for number in row.numbers] for row in rows] == [["1", "2", "3", "4", "5"], ["9"]]
    assert named(" [1] 1 2\n [3] 4", "g(y)") == {
        "value 1 of g(y)": "1",
        "value 2 of g(y)": "2",
        "value 3 of g(y)": "4",
    }
    assert named("[1] 9", "g(y)") == {"g(y)": "9"}


def test_sentences_of_a_program() -> None:
    """Each number is called by the words before it."""
    text = "F-statistic: 89.57 on 1 and 48 DF,  p-value: 1.49e-12"
    assert named(text) == {"F-statistic": "89.57", "on": "1", "and": "48", "DF, p-value": "1.49e-12"}


def test_formulas_hold_no_numbers() -> None:
    """Nor do lines of words and missing values."""
    assert named("fm3: Reaction ~ Days + (1 | Subject)\nNA NA\n<NA>") == {}


def test_ellipses_are_seen() -> None:
    """A line that was cut may hold fewer numbers than there are."""
    assert rows_of([" $ a: num  250 259 ..."])[0].is_cut
    assert rows_of([' $ s: Factor w/ 2 levels "a","b": 1 1 1..'])[0].is_cut


def test_huge_outputs_are_bounded() -> None:
    """Only the first lines are read."""
    assert len(rows_of(["a 1"] * (MAX_LINES + 100))) == MAX_LINES
