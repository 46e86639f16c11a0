"""What holds for every verb of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from gptoss_lab.cli import app
from gptoss_lab.cli.exit_codes import MEANINGS, ExitCode
from gptoss_lab.cli.screen import Lines, set_quiet, tell_fault
from gptoss_lab.cli.session import FAILED, INTERRUPTED, NOBODY_READS, PENDING
from tests.cli.conftest import Invoke

PROGRAM = [sys.executable, "-c", "from gptoss_lab.cli import main; main()"]
NO_JSON: dict[str, str] = {}
"""Verbs without --json, each with the reason. There is none now."""


def leaves(command: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Yield each verb with its words."""
    for name, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from leaves(inner, *path, name)
        else:
            yield " ".join((*path, name)), inner


VERBS = dict(leaves(typer.main.get_command(app)))


def options(verb: str) -> set[str]:
    """Return the options of a verb."""
    return {option for parameter in VERBS[verb].params for option in parameter.opts}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_speaks_json_and_can_be_quiet(verb: str) -> None:
    """Whoever adds a verb gives it `as_json: AsJson = False`, or a reason in NO_JSON."""
    assert "--json" in options(verb) or verb in NO_JSON
    assert {"--quiet", "-q"} <= options(verb)


def test_no_reason_is_left_over() -> None:
    """A reason for a verb that is gone, or that speaks JSON now, is no reason."""
    assert all(verb in VERBS and "--json" not in options(verb) for verb in NO_JSON)


def test_the_help_holds_the_table_of_exit_codes(invoke: Invoke) -> None:
    """All of it, as the enumeration has it."""
    told = " ".join(invoke("--help").output.split())
    assert set(MEANINGS) == set(ExitCode)
    assert all(f"{code.value} {words}" in told for code, words in MEANINGS.items())
    assert (FAILED, PENDING, INTERRUPTED, NOBODY_READS) == (1, 5, 130, 141)


def test_an_unknown_verb_is_guessed(invoke: Invoke) -> None:
    """The near one is named; it is not run."""
    result = invoke("generat")
    assert result.exit_code == ExitCode.USAGE
    assert "generate" in result.output


def test_a_quiet_verb_says_its_result_alone(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    """No steps and no remarks on standard error; errors are told all the same."""
    loud = invoke("index", "search", "nothing-of-the-kind")
    quiet = invoke("index", "search", "nothing-of-the-kind", "--quiet")
    assert (loud.exit_code, quiet.exit_code) == (ExitCode.NOTHING_FITS, ExitCode.NOTHING_FITS)
    assert "Nothing in the documentation" in loud.stderr
    assert quiet.output == ""
    view = Lines(quiet=True)
    set_quiet(wanted=True)
    tell_fault(view, "The job failed")
    view.note("a remark")
    set_quiet(wanted=False)
    assert capsys.readouterr().err == "The job failed\n"
    missing = invoke("index", "rm", "nope", "-q")
    assert "There is no index nope" in missing.stderr


@pytest.mark.parametrize("words", [("templates", "list"), ("templates", "show", "task", "--json")])
def test_who_leaves_early_gets_no_traceback(words: tuple[str, ...]) -> None:
    """As with `| head`: nothing on standard error, and a code of its own or none."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=gone, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.stderr == b""
    assert done.returncode == (0 if "--json" in words else ExitCode.NOBODY_READS)
