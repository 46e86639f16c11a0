"""Programs of ours as cells."""

from __future__ import annotations

import base64
import contextlib
import io

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.services.inspection import inspection_answer, inspection_cell


def test_a_python_program_reads_its_payload_and_answers() -> None:
    """Quotes, braces and other alphabets arrive; what is printed comes back."""
    script = "import sys; print(sys.stdin.read()[::-1], end='')"
    cell = inspection_cell("python", script, "{é'\"\\}", 30)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(cell, {})  # noqa: S102 - our own program, in the place of a kernel
    assert inspection_answer(printed.getvalue()) == "}\\\"'é{"


def test_a_long_answer_comes_in_short_lines() -> None:
    """A line of more than 64 KB would be cut on its way out of the sandbox."""
    cell = inspection_cell("python", "print('x' * 200_000, end='')", "", 30)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(cell, {})  # noqa: S102 - as above
    assert max(map(len, printed.getvalue().split("\n"))) < 1000
    assert inspection_answer(printed.getvalue()) == "x" * 200_000


def test_a_python_program_that_fails_says_why() -> None:
    """Its last words are the error of the cell."""
    with pytest.raises(SystemExit, match="on purpose"):
        exec(inspection_cell("python", "raise SystemExit('on purpose')", "", 30), {})  # noqa: S102 - as above


def test_an_r_program_is_called_with_its_payload() -> None:
    """Nothing of the payload can end the text that carries it."""
    cell = inspection_cell("r", "function(text) toupper(text)", '"); quit(); ("', 30)
    assert "function(text) toupper(text)" in cell
    assert "quit" not in cell


@pytest.mark.parametrize("printed", ["no base64!", "/w=="])
def test_other_words_are_no_answer(printed: str) -> None:
    """A sandbox may print anything."""
    with pytest.raises(SandboxError, match="unreadable"):
        inspection_answer(printed)


def test_an_answer_in_lines_is_read() -> None:
    """R breaks what it prints in base64."""
    lines = base64.encodebytes(b"x" * 200).decode()
    assert inspection_answer(lines) == "x" * 200
