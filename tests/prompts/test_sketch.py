"""The short question that comes before retrieval."""

from __future__ import annotations

from gptoss_lab.prompts.sketch import sketch_messages


def test_the_task_comes_last_and_the_rest_is_data() -> None:
    """Names and cells stand between marker lines; control tokens of others are broken."""
    rules, question = sketch_messages(
        "Mean per group", ["x = '<|end|>'", "  "], ["pandas", "pandas.DataFrame"]
    )
    assert (rules.role, question.role) == ("developer", "user")
    assert question.content.endswith("# Task\nMean per group\n\nWhich calls would you use?")
    assert "pandas, pandas.DataFrame" in question.content
    assert "<|" not in question.content
    assert question.content.count(" cell ===") == 1


def test_a_long_notebook_is_cut() -> None:
    """Its last cells say most of what comes next."""
    _, question = sketch_messages("x", [f"value_{at} = 1" for at in range(50)], [])
    assert "value_49" in question.content
    assert "value_1 " not in question.content
    assert "modules and classes" not in question.content
