"""Thought and answer are told apart where a server glued them together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.drafts.glued import GluedFilter

CODE = "```python\nx = 1\n```"


def read(pieces: list[str]) -> tuple[str, str]:
    """Return what a filter takes for thought and for answer."""
    glued = GluedFilter()
    parts = [part for piece in pieces for part in glued.feed(piece)] + glued.finish()
    kinds = ("reasoning", "content")
    thought, answer = ("".join(part.text for part in parts if part.kind == kind) for kind in kinds)
    return thought, answer


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        (f"analysisWe need x.assistantfinal{CODE}", "We need x.", CODE),
        (f"analysisWe need x.assistantfinalHere it is:\n{CODE}", "We need x.", f"Here it is:\n{CODE}"),
        ("analysisWe never come to an end", "We never come to an end", ""),
        (f"final{CODE}", "", CODE),
        ("finalHere it is", "", "Here it is"),
        (f"assistantfinal{CODE}", "", CODE),
        ("analysis of the data follows", "", "analysis of the data follows"),
        ("analysis_df = 1", "", "analysis_df = 1"),
        ("finally = 3", "", "finally = 3"),
        ("finalValue = 3", "", "finalValue = 3"),
        ("f", "", "f"),
        ("analysis", "", "analysis"),
        ("", "", ""),
        (CODE, "", CODE),
    ],
)
def test_glued(text: str, thought: str, answer: str) -> None:
    """However the pieces are cut, the answer is the answer."""
    assert read([text]) == (thought, answer)
    assert read(list(text)) == (thought, answer)


def test_a_thought_without_an_end_that_holds_code() -> None:
    """Better to show too much than to lose the only code."""
    text = f"analysisWe write {CODE}"
    assert read([text])[1] == f"We write {CODE}"


@given(
    parts=st.lists(
        st.sampled_from(["analysis", "We", "assistant", "final", "assist", "```", " x", "\n", "F"])
    )
)
def test_pieces_do_not_matter(parts: list[str]) -> None:
    """However the text is cut, the same is thought and the same is answered."""
    assert read(parts) == read(["".join(parts)]) == read(list("".join(parts)))
