"""The lines of a session as a paper prints it."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.listings_prompts import (
    Command,
    LineKind,
    SourceLine,
    commands,
    language_of,
    looks_like_code,
)
from gptoss_lab.schemas.papers import Place


def lines(text: str, kind: LineKind = "code", block: str = "b", language: str = "") -> list[SourceLine]:
    """Return the lines of a block."""
    return [SourceLine(line, block, Place(page=1), kind, language) for line in text.splitlines()]


def told(found: list[Command]) -> list[tuple[str, list[str]]]:
    """Return the source and the output of each command."""
    return [(command.source, [line.text for line in command.printed]) for command in found]


@pytest.mark.parametrize("prompt", ["> ", "R> ", "  > "])
def test_r_with_prompts(prompt: str) -> None:
    """Prompts and signs of continuation go; what stands below is output."""
    text = f"{prompt}x <- c(1,\n+    2)\n{prompt}x\n[1] 1 2\n{prompt}# nothing"
    assert told(commands(lines(text), "python", plain=True)) == [
        ("x <- c(1,\n   2)", []),
        ("x", ["[1] 1 2"]),
        ("# nothing", []),
    ]


def test_r_without_signs_of_continuation() -> None:
    """A command that is not complete goes on below, and what begins with + after it is output."""
    text = "> fit <- lm(y ~ x +\n     z)\n> 1 + 1\n+ 2 is output"
    assert told(commands(lines(text), "r", plain=True)) == [
        ("fit <- lm(y ~ x +\n     z)", []),
        ("1 + 1", ["+ 2 is output"]),
    ]


def test_a_cut_command_ends_where_the_next_begins() -> None:
    """It is kept as it is printed; that it does not parse is found later."""
    assert told(commands(lines("> f(a,\n> g(b)"), "r", plain=True)) == [("f(a,", []), ("g(b)", [])]


def test_python_with_prompts() -> None:
    """Of the interpreter, with what it prints."""
    text = ">>> for i in range(2):\n...     print(i)\n...\n0\n1\n>>> f(1,\n  2)\n3"
    assert told(commands(lines(text), "r", plain=True)) == [
        ("for i in range(2):\n    print(i)", ["0", "1"]),
        ("f(1,\n  2)", ["3"]),
    ]


def test_ipython() -> None:
    """Numbered cells, their continuation and their results."""
    text = "In [1]: x = [1,\n   ...: 2]\n\nIn [2]: x\nOut[2]: [1, 2]"
    assert told(commands(lines(text), "r", plain=False)) == [("x = [1,\n2]", []), ("x", ["[1, 2]"])]


def test_knitr_marks_output_with_comments() -> None:
    """Code without prompts, its output behind two number signs, more code below."""
    text = "x <- 1:2\nmean(x)\n## [1] 1.5\nsd(x)\n#> [1] 0.7071068"
    assert told(commands(lines(text), "r", plain=False)) == [
        ("x <- 1:2\nmean(x)", ["[1] 1.5"]),
        ("sd(x)", ["[1] 0.7071068"]),
    ]


def test_forms_that_tell_output_from_code_are_believed() -> None:
    """LaTeX and HTML have an environment of each."""
    session = [*lines("mean(x)", block="a"), *lines("[1] 1.5", "output", "b"), *lines("> 2", "output", "b")]
    assert told(commands(session, "r", plain=False)) == [("mean(x)", ["[1] 1.5", "> 2"])]


def test_output_that_no_command_precedes() -> None:
    """Lines of a PDF without a prompt are code only where they look like it."""
    text = "REML criterion at convergence: 1743.6\nResidual  654.9"
    assert told(commands(lines(text), "r", plain=True)) == [("", text.splitlines())]
    assert told(commands(lines("x <- 1\nprint(x)"), "r", plain=True)) == [("x <- 1\nprint(x)", [])]


def test_output_before_the_first_prompt_has_no_command() -> None:
    """It belongs to what was printed before, or to nothing."""
    assert told(commands(lines("[1] 1\n> x"), "r", plain=True)) == [("", ["[1] 1"]), ("x", [])]


def test_languages() -> None:
    """As the paper says, as prompts show, as the code looks; else what was asked for."""
    assert language_of(lines("x", language="python"), "r") == "python"
    assert language_of(lines("> x"), "python") == "r"
    assert language_of(lines(">>> x"), "r") == "python"
    assert language_of(lines("x <- f(1)"), "python") == "r"
    assert language_of(lines("import numpy as np"), "r") == "python"
    assert language_of(lines("x"), "r") == "r"


def test_looks() -> None:
    """Tables of numbers do not look like code."""
    assert looks_like_code("library(lme4)\nsummary(m)")
    assert not looks_like_code("a b c\n1 2 3\n4 5 6\nx <- 1")
    assert not looks_like_code("")
