"""Why a command of a paper cannot be run, as far as its text tells."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.listings_reasons import text_reason


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("resp ~ a + (b | g) + ...", "pseudo"),
        ("x \u2190 1", "pseudo"),
        ("f(<your data here>)", "pseudo"),
        ("f(a", "unparsed"),
        ('help("pvalues")', "interactive"),
        ("?lmer", "interactive"),
        ('install.packages("lme4")', "interactive"),
        ('d <- read.csv("study.csv")', "data"),
        ('load("x.RData")', "data"),
    ],
)
def test_r(source: str, kind: str) -> None:
    """Each with its kind and a sentence."""
    reason = text_reason(source, "r", "r")
    assert reason
    assert reason.kind == kind
    assert reason.text.endswith(".")


@pytest.mark.parametrize(
    "source",
    [
        "f <- function(...) g(...)",
        'd <- read.csv("/data/x.csv")',
        'plot(x, xlab = "\u2192 \u03b1")',
        "x # \u2208",
    ],
)
def test_r_that_may_run(source: str) -> None:
    """Dots of a function, data that a person shows, and signs within strings and comments."""
    assert text_reason(source, "r", "r") is None


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("for x in range(3)", "unparsed"),
        ("model.fit(X, ...)", "pseudo"),
        ("X = ...", "pseudo"),
        ("%matplotlib inline", "interactive"),
        ("np.mean?", "interactive"),
        ("input('x')", "interactive"),
        ("pd.read_csv('a.csv')", "data"),
        ("open('a.txt')", "data"),
    ],
)
def test_python(source: str, kind: str) -> None:
    """Each with its kind."""
    reason = text_reason(source, "python", "python")
    assert reason
    assert reason.kind == kind


def test_another_language() -> None:
    """A notebook has one."""
    reason = text_reason("x <- 1", "r", "python")
    assert reason
    assert "written in R" in reason.text
    assert text_reason("x = 1", "python", "python") is None
