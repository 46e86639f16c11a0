"""Control tokens never reach a cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.drafts.remnants import RemnantFilter, recover_final

LEAK = (
    "<|channel|>analysis<|message|>think<|end|><|start|>assistant<|channel|>final<|message|>x = 1<|return|>"
)


def clean(pieces: list[str]) -> str:
    """Return what a filter lets through."""
    remnants = RemnantFilter()
    return "".join(map(remnants.feed, pieces)) + remnants.finish()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (LEAK, "x = 1"),
        ("x <- 1 |> f()", "x <- 1 |> f()"),
        ("a <| b |> c", "a <| b |> c"),
        ("<b>bold</b> <", "<b>bold</b> <"),
        ("code<|end|>", "code"),
        ("<|channel|>final <|constrain|>json<|message|>{}", "{}"),
        ("<|channel|>commentary<|message|>text", "text"),
        ("<|channel|>commentary to=functions.x <|constrain|>json<|message|>{}<|call|>x = 1", "x = 1"),
        ("<|start|>assistant to=functions.x<|channel|>commentary<|message|>{}<|call|>", ""),
        ("<|channel|>analysis to=python code<|message|>x<|call|><|channel|>final<|message|>y", "y"),
        ("<|channel|>final json<|message|>{}", "{}"),
        ("<|start|>", ""),
        ("<|UPPER|>", "<|UPPER|>"),
    ],
)
def test_filter(text: str, kept: str) -> None:
    """Tokens, headers and leaked thoughts go; pipes and tags of code stay."""
    assert clean([text]) == kept
    assert clean(list(text)) == kept


@given(
    parts=st.lists(
        st.sampled_from(["<|", "|>", "<", "end", "channel", "<|end|>", "<|channel|>", "final", "\n", " x"])
    )
)
def test_pieces_do_not_matter(parts: list[str]) -> None:
    """However the text is cut, the same text is let through."""
    assert clean(parts) == clean(["".join(parts)]) == clean(list("".join(parts)))


def test_recover_final() -> None:
    """An answer that slipped into the reasoning is found there."""
    assert recover_final("thought<|channel|>final<|message|>answer") == "answer"
    assert recover_final("thought") == ""
    assert recover_final("a<|channel|>final json<|message|>b<|channel|>final<|message|>c") == "c"
    assert recover_final("a<|channel|>final <|constrain|>json<|message|>{}") == "{}"
    assert recover_final("We think.assistantfinal```python") == "```python"


def test_a_call_is_noticed() -> None:
    """The person can be told that the model wanted a tool."""
    remnants = RemnantFilter()
    remnants.feed("<|channel|>commentary to=functions.x<|message|>{}")
    assert remnants.called
    plain = RemnantFilter()
    plain.feed(LEAK)
    assert not plain.called
