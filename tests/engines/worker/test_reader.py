"""Reasoning and content, from well-formed answers and from the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.engines.worker.prompt import encoding
from gptoss_lab.engines.worker.reader import AnswerReader

ANALYSIS, FINAL = "<|channel|>analysis<|message|>", "<|channel|>final<|message|>"


def read(text: str) -> tuple[str, str]:
    """Return the reasoning and the content of an answer."""
    reader = AnswerReader()
    pieces = [reader.feed(token) for token in encoding().encode(text, allowed_special="all")]
    pieces.append(reader.finish())
    return "".join(piece.reasoning for piece in pieces), "".join(piece.content for piece in pieces)


@pytest.mark.parametrize(
    ("text", "reasoning", "content"),
    [
        (f"{ANALYSIS}Hm.<|end|><|start|>assistant{FINAL}Grüße 🤖!<|return|>", "Hm.", "Grüße 🤖!"),
        (f"{FINAL}x<|return|>", "", "x"),
        (f"{ANALYSIS}Still thinking", "Still thinking", ""),
        (f"{ANALYSIS}a{FINAL}b<|return|>", "a", "b"),
        (f"{ANALYSIS}a<|start|>assistant{FINAL}b<|return|>", "a", "b"),
        (f"{ANALYSIS}a<|end|>{FINAL}b<|return|>", "a", "b"),
        (f"{ANALYSIS}a<|end|><|message|>b<|return|>", "a", "b"),
        (f"{ANALYSIS}a<|end|>oops", "a", "oops"),
        ("<|channel|>final json<|message|>{}<|return|>", "", "{}"),
        ("<|channel|>final <|constrain|>json<|message|>{}<|return|>", "", "{}"),
        ("<|message|>no channel<|return|>", "", "no channel"),
        ("no header at all", "", "no header at all"),
        ("no header at all<|return|>", "", "no header at all"),
        ("word " * 100, "", "word " * 100),
        ("<|channel|>commentary<|message|>First, I load it.<|end|>", "", "First, I load it."),
        ("<|channel|>commentary to=functions.run<|message|>{}<|call|>", "", ""),
        (f"{FINAL}a<|constrain|>b<|return|>", "", "ab"),
        ("<|channel|>fin", "", ""),
        ("<|channel|>", "", ""),
        ("<|return|>", "", ""),
        (f"<|start|><|start|>nobody<|message|>x<|end|><|start|>assistant{FINAL}y", "", "xy"),
    ],
)
def test_every_answer_is_read(text: str, reasoning: str, content: str) -> None:
    """What has no form is content."""
    assert read(text) == (reasoning, content)


def test_reasoning_is_counted_in_tokens() -> None:
    """Without those that frame it."""
    reader = AnswerReader()
    for token in encoding().encode(
        f"{ANALYSIS}one two<|end|><|start|>assistant{FINAL}x", allowed_special="all"
    ):
        reader.feed(token)
    assert reader.reasoning_tokens == 2


@given(
    st.lists(
        st.sampled_from([*range(199997, 200013), 17, 25845, 35644, 9454, 173781, 1134, 12606]), max_size=60
    )
)
def test_no_tokens_whatever_are_too_strange(tokens: list[int]) -> None:
    """Nothing is raised, and no control token comes through."""
    reader = AnswerReader()
    pieces = [*(reader.feed(token) for token in tokens), reader.finish()]
    assert not any("<|" in piece.content + piece.reasoning for piece in pieces)
