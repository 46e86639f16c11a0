"""The tokens of R code."""

from __future__ import annotations

import pytest

from gptoss_lab.checks.r_tokens import r_tokens


def test_names_strings_and_marks_with_their_lines() -> None:
    """Comments and white space go; a string that goes over lines counts them."""
    source = "x.y <- 'a\nb' # no\n`odd name`(1L)::z"
    found = [(token.kind, token.text, token.line) for token in r_tokens(source)]
    assert found == [
        ("name", "x.y", 1),
        ("mark", "<", 1),
        ("mark", "-", 1),
        ("string", "a\nb", 1),
        ("name", "odd name", 3),
        ("mark", "(", 3),
        ("mark", "1L", 3),
        ("mark", ")", 3),
        ("mark", "::", 3),
        ("name", "z", 3),
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [('"a\\"b"', 'a\\"b'), ('r"(a"b)"', 'a"b'), ("R'--[a)']--'", "a)'"), ("'#no'", "#no")],
)
def test_strings_of_every_form(source: str, text: str) -> None:
    """Escapes, raw strings with dashes, and a comment sign that is none."""
    (token,) = r_tokens(source)
    assert (token.kind, token.text) == ("string", text)


def test_what_is_no_r_ends() -> None:
    """A string that is never closed is a mark and more names."""
    assert [token.text for token in r_tokens("'abc")] == ["'", "abc"]
