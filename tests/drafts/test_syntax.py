"""Python as a notebook understands it."""

from __future__ import annotations

import pytest

from gptoss_lab.drafts.syntax import is_program, parses


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", True),
        ("%matplotlib inline\nx = 1", True),
        ("if x:\n    !ls\n    %time f()", True),
        ("files = !ls", True),
        ("t = %timeit -o f()", True),
        ("df.head?", True),
        ("%%time\nx = 1", True),
        ("%%time\nx = (", False),
        ("%%bash\nls |", True),
        ("x = (", False),
        ("'\\d'", True),
        ("x\0", False),
        ("(" * 5000, False),
    ],
)
def test_parses(source: str, expected: bool) -> None:
    """Magics and shell lines are allowed, a syntax error is not."""
    assert parses(source) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import x", True),
        ("f()", True),
        ("Sorry", False),
        ("x - y", False),
        ("a, b", False),
        ("No idea.", False),
        ("", False),
    ],
)
def test_is_program(text: str, expected: bool) -> None:
    """Prose that happens to parse is no program."""
    assert is_program(text) is expected
