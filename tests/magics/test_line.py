"""The options of a line; the page's tests read the same cases."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError

from gptoss_lab.magics.line import MAX_TASK_CHARS, Options, parse_line, read_task
from gptoss_lab.magics.words import HELP

CASES = json.loads(Path(__file__).with_name("lines.json").read_text(encoding="utf-8"))["lines"]


@pytest.mark.parametrize("case", [case for case in CASES if "reads" in case], ids=lambda case: case["line"])
def test_a_line_is_read(case: dict[str, Any]) -> None:
    """As the page reads it."""
    expected = {**asdict(Options()), **case["reads"]}
    expected["docs"] = tuple(expected["docs"])
    assert asdict(parse_line(case["line"])) == expected


@pytest.mark.parametrize("case", [case for case in CASES if "says" in case], ids=lambda case: case["line"])
def test_a_wrong_line_is_refused(case: dict[str, Any]) -> None:
    """With a sentence that says what is wrong, as the page says it."""
    with pytest.raises(UsageError) as refused:
        parse_line(case["line"])
    assert case["says"] in str(refused.value)


def test_a_near_miss_names_what_was_meant() -> None:
    """A typing mistake is found at once."""
    with pytest.raises(UsageError, match="Did you mean --docs"):
        parse_line("--dosc pandas")


def test_the_number_of_sources_is_bounded() -> None:
    """As the server bounds it."""
    with pytest.raises(UsageError, match="At most 32 sources"):
        parse_line("--docs " + "pandas " * 33)


def test_a_task_must_be_there_and_fit() -> None:
    """Nothing is sent for an empty cell, nor for a book."""
    assert read_task("\n mean of a \n") == "mean of a"
    with pytest.raises(UsageError, match="There is no task"):
        read_task(" \n")
    assert read_task(" \n", paper=True) == "Implement the paper."
    assert read_task("figure 2", paper=True) == "figure 2"
    with pytest.raises(UsageError, match="16,001 characters"):
        read_task("x" * (MAX_TASK_CHARS + 1))


def test_the_help_names_what_there_is() -> None:
    """Every option, so that nobody has to guess."""
    assert "--paper P" in HELP
    assert "--verify off|run|repair" in HELP
    assert "--cells N" in HELP
    assert "--replace" in HELP
