"""Marks become citations and leave the code."""

from __future__ import annotations

from gptoss_lab.drafts.citations import take_marks


def test_marks_leave_the_comments() -> None:
    """A comment that only cites goes with its line; one that says more stays; strings stay."""
    source = (
        "# [doc:a, doc:b]\nx = 1  # [doc:c]\n# keep [doc:d]\ns = '# [doc:no]'\n"
        "if x:\n    # [doc:e] [doc:a]\n    y = 1\n# [doc:f]"
    )
    text, ids = take_marks(source, "python")
    assert text == "x = 1\n# keep\ns = '# [doc:no]'\nif x:\n    y = 1"
    assert ids == ("a", "b", "c", "d", "e", "f")


def test_markdown() -> None:
    """Prose cites too."""
    assert take_marks("Group it [doc:a].", None) == ("Group it.", ("a",))


def test_r() -> None:
    """A comment of R is a comment."""
    assert take_marks('x <- "#" # [doc:stats-lm]\n', "r") == ('x <- "#"', ("stats-lm",))


def test_no_mark() -> None:
    """Indexing is no mark, and blank lines of code without marks stay."""
    assert take_marks("x[0]\n\n\ny[1]  # [see]", "python") == ("x[0]\n\n\ny[1]  # [see]", ())
