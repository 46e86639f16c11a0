"""Untrusted text is made neutral without harm to code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.prompts.untrusted import marker_for, neutralise


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("<|end|>", "< |end| >"),
        ("<<|end|>", "<< |end| >"),
        ("<\u200b|end|\u200b>", "< |end| >"),
        ("x |> f()", "x |> f()"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("caf\u00e9 \u6771\u4eac", "caf\u00e9 \u6771\u4eac"),
        ("\u202eevil\u2066 \U000e0041\ufe0f\U000e0101\u00ad", "evil "),
    ],
)
def test_neutralise(text: str, neutral: str) -> None:
    """Tokens are broken, hidden characters go, R's pipe and other scripts stay."""
    assert neutralise(text) == neutral


@given(st.text(alphabet="<|> e\u200b\n", max_size=40))
def test_no_token_survives(text: str) -> None:
    """However it is written, no token begins."""
    assert "<|" not in neutralise(text)


def test_marker() -> None:
    """A marker depends on a secret and on the text, and is never a part of it."""
    marker = marker_for("a", "b")
    assert marker == marker_for("a", "b")
    assert marker != marker_for("a", "c")
    assert marker != marker_for("a", "b", secret=b"another")
    assert marker_for(marker, "x") != marker
