"""Lists of names are read as words."""

from __future__ import annotations

from gptoss_lab.sandbox.output_words import words


def test_reads_words_over_lines() -> None:
    """Breaks and indents do not matter, order neither."""
    assert words("\n  a b\n    c a\n") == {"a", "b", "c"}
