"""Variables in words."""

from __future__ import annotations

from gptoss_lab.prompts.variables import MAX_CHARS, variable_lines
from gptoss_lab.schemas.generation import NotebookColumn, NotebookVariable


def test_a_line_says_what_it_is() -> None:
    """A bare value has its type, an array its shape, and a wide table the first of its columns."""
    columns = tuple(NotebookColumn(name=f"c{number}") for number in range(50))
    variables = (
        NotebookVariable(name="n", type="builtins.int"),
        NotebookVariable(name="a", type="numpy.ndarray", shape=(2, 3)),
        NotebookVariable(name="t", type="data.frame", shape=(9, 50), columns=columns),
    )
    lines, left_out = variable_lines(variables, "any")
    assert lines[:2] == ["`n`: builtins.int", "`a`: numpy.ndarray, shape 2 x 3"]
    assert lines[2].endswith("`c39` and 10 more")
    assert left_out == 0


def test_there_is_a_bound() -> None:
    """What the task names goes first; the rest is left out and counted."""
    many = [NotebookVariable(name=f"v{number}", type="t" * 80) for number in range(200)]
    lines, left_out = variable_lines(many, "use v150")
    assert lines[0].startswith("`v150`")
    assert sum(map(len, lines)) <= MAX_CHARS
    assert left_out == 200 - len(lines)
