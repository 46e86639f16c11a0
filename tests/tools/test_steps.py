"""Steps of a test run."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tools.steps import Outcome, Step, named, once_more, run, summarise

FLAKY = """
import pathlib, sys
seen = pathlib.Path(sys.argv[1])
first = not seen.exists()
seen.touch()
print("FAILED tests/test_a.py::test_b - AssertionError: late" if first else "1 passed")
raise SystemExit(1 if first or "stays" in sys.argv else 0)
"""


def flaky(tmp_path: Path, *words: str, again: tuple[str, ...] = ("--again",)) -> Step:
    """Return a step that fails the first time that it is run."""
    return Step("late", (sys.executable, "-c", FLAKY, str(tmp_path / "seen"), *words), again=again)


def first(step: Step) -> Outcome:
    """Run a step once."""
    status, failures = run(step.command, io.StringIO())
    return Outcome(step, status, failures=failures)


def test_what_passes_the_second_time_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A test that only the second run passed is told, and holds nothing up."""
    outcome = once_more(first(flaky(tmp_path)))
    assert outcome.status == "passed"
    assert summarise([outcome]) == 0
    assert "late: failed, then passed: tests/test_a.py::test_b" in capfd.readouterr().out


def test_what_fails_again_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A test that fails twice fails the step."""
    outcome = once_more(first(flaky(tmp_path, "stays")))
    assert summarise([outcome]) == 1
    assert "late: failed: tests/test_a.py::test_b" in capfd.readouterr().out


def test_a_step_that_may_not_be_run_again_is_not(tmp_path: Path) -> None:
    """Checks and unit tests have one try."""
    assert once_more(first(flaky(tmp_path, again=()))).status == "failed"


def test_a_step_that_names_no_test_is_not_run_again() -> None:
    """A step that broke before its tests stays failed."""
    step = Step("broken", (sys.executable, "-c", "raise SystemExit(2)"), again=("--again",))
    assert once_more(first(step)).status == "failed"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("FAILED tests/a/test_b.py::test_c[x] - assert 1\n", "tests/a/test_b.py::test_c[x]"),
        ("ERROR tests/a/test_b.py::test_c - OSError\n", "tests/a/test_b.py::test_c"),
        (
            "\x1b[31m    [model] \u203a tests/a.spec.ts:31:7 \u203a One \u203a two \u2500\x1b[39m\n",
            "[model] \u203a tests/a.spec.ts:31:7 \u203a One \u203a two",
        ),
        ("  ✘  12 [model] \u203a tests/a.spec.ts:31:7 (3s)\n", ""),
        ("the test FAILED tests/nothing\n", ""),
    ],
)
def test_lines_that_name_a_test(line: str, name: str) -> None:
    """Failed tests are read from what pytest and Playwright print."""
    assert named(line) == ([name] if name else [])
