from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import magic_names, parse, plain_python


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip list\nx = 1", "pass\nx = 1"),
        ("files = !ls\nx = 1", "files = None\nx = 1"),
        ("t = %timeit -o f()", "t = None"),
        ("x = 1\nx?", "x = 1\n"),
        ("?print\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls\n", "if x:\n    pass\n"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("%%bash\nls\nrm x", "\n\n"),
        ("x = (5\n% 3)", "x = (5\n% 3)"),
        ('text = """\n%not a magic\n"""', 'text = """\n%not a magic\n"""'),
    ],
)
def test_magics_are_blanked_in_place(source: str, plain: str) -> None:
    """Magics, shell lines and help become nothing, and every other line keeps its place."""
    assert plain_python(source) == plain


def test_cell_that_is_not_python_has_no_tree() -> None:
    """A syntax error, a NUL and a bottomless nesting all give no tree instead of an exception."""
    assert parse("def (") is None
    assert parse("x = 1\0") is None
    assert parse("(" * 100_000) is None


def test_magic_names_are_found() -> None:
    """The names of line and cell magics are told."""
    assert magic_names("%%time\n%run a.py\nx = %sql select 1") == {"time", "run", "sql"}
