"""What a statement of R reads and makes."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.r_names import Names, r_names
from gptoss_lab.documents.r_statements import r_statements


def names(code: str) -> Names:
    """Return the names of one statement."""
    (statement,) = r_statements(code)
    return r_names(statement.tokens)


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("y <- x + pi", {"x"}),
        ("fm <- lm(y ~ u, data = d, weights = w)", {"d", "w"}),
        ("lm(y ~ u)", {"y", "u"}),
        ("names(x)[2] <- z", {"x", "z"}),
        ("f <- function(a, b = k) { r <- a; r + b }", {"k"}),
        ("sapply(v, \\(e) e^2)", {"v"}),
        ("d |> filter(a > 1)", {"d"}),
        ("with(d, mean(a))", {"d"} - {"d"}),
        ("d$a@b + stats::sd", {"d"}),
        ("library(lme4)", set()),
    ],
)
def test_what_must_be_bound(code: str, reads: set[str]) -> None:
    """Neither arguments' names nor columns, parameters and members are asked for."""
    assert names(code).reads == reads


def test_what_is_made() -> None:
    """In both directions, by assign and data, whole or in part."""
    assert names("a <- b <- 3").binds == {"a", "b"}
    assert names("c(1) -> z").binds == {"z"}
    assert names("assign('q', 1)").binds == {"q"}
    assert names("data(infert)").binds == {"infert"}
    assert names("m$run <- 1").changes == {"m"}
    assert names("for (i in 1:3) { s <- s + i }").changes == {"s"}
    assert names("rm(x, y)").removes == {"x", "y"}


def test_what_is_called() -> None:
    """With the package where it is said; members are no functions of a package."""
    assert names("stats::sd(f(x)) + d$g()").calls == ("stats::sd", "f")
