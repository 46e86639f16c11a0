"""R code cut into statements without R."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.r_statements import NotRError, r_statements


@pytest.mark.parametrize(
    ("code", "sources"),
    [
        ("x <- c(1,\n  2)\ny = x", ["x <- c(1,\n  2)", "y = x"]),
        ("a; b", ["a", "b"]),
        ("x |>\n  head()", ["x |>\n  head()"]),
        (
            "f <- function(x, n = 2)\n{\n  y <- x^n\n  y\n}",
            ["f <- function(x, n = 2)\n{\n  y <- x^n\n  y\n}"],
        ),
        ("if (a) b else c", ["if (a) b else c"]),
        ("for (i in 1:3) {\n  if (i > 1)\n    next\n}", ["for (i in 1:3) {\n  if (i > 1)\n    next\n}"]),
        ("x[, 1]", ["x[, 1]"]),
        ('# why\nf(\')\', r"(")")', ['# why\nf(\')\', r"(")")']),
        ("sapply(x, \\(v) v %in% y)", ["sapply(x, \\(v) v %in% y)"]),
        ("", []),
    ],
)
def test_statements_end_where_r_ends_them(code: str, sources: list[str]) -> None:
    """Open brackets and operators go on, strings and comments are no brackets."""
    assert [statement.source for statement in r_statements(code)] == sources


@pytest.mark.parametrize(
    "code",
    [
        "add1 deviance formula",
        "R CMD check",
        "$ mkdir work",
        "int main() { return 0; }",
        "#include <R.h>\nSEXP x;",
        "f(1",
        "f(1]",
        "x +",
        "x * )",
        "f(a;b)",
        "'open",
        "if x",
        "else y",
        "a, b",
        "x {",
    ],
)
def test_what_is_no_r(code: str) -> None:
    """Shell, C, lists of words and what is cut off are told apart."""
    with pytest.raises(NotRError):
        r_statements(code)
