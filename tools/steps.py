"""Steps of a test run: what one is, how it is run, and what is told of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DATA = Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR", ROOT / ".local" / "test-data"))
SHOWN_FAILURES, NAME_CHARS = 20, 200
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What pytest prints in its summary, and Playwright in its own.
FAILED = re.compile(r"(?:FAILED|ERROR) (tests/\S+)| {4}(\[\w+\] \u203a .+)")


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        needs: What the machine must have.
        quick: It runs with --quick.
        again: The words that have the command run only what failed the last time; empty where it may not.
    """

    name: str
    command: Sequence[str]
    needs: str = ""
    quick: bool = False
    again: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """How a step ended.

    Attributes:
        reason: Why it was skipped or failed before it ran.
        failures: The names of tests that failed, as far as the step printed them.
        passed_later: They failed at first and passed when they were run again.
    """

    step: Step
    status: str
    duration_s: float = 0.0
    reason: str = ""
    failures: tuple[str, ...] = ()
    passed_later: bool = False


def once_more(outcome: Outcome) -> Outcome:
    """Run the tests of a step that failed once more, where it may be; whatever else failed stays failed."""
    step = outcome.step
    if outcome.status != "failed" or not step.again or not outcome.failures:
        return outcome
    print(f"\n=== {step.name}, what failed, once more", flush=True)
    begin = time.monotonic()
    status, failures = run((*step.command, *step.again), sys.stdout)
    took_s = outcome.duration_s + time.monotonic() - begin
    if status == "failed":
        return replace(outcome, duration_s=took_s, failures=failures or outcome.failures)
    return replace(outcome, status="passed", duration_s=took_s, passed_later=True)


def run(command: Sequence[str], printed: TextIO) -> tuple[str, tuple[str, ...]]:
    """Run a command and pass on what it prints; return how it ended and the tests that failed."""
    found = shutil.which(command[0], path=environment()["PATH"]) or command[0]
    failures: list[str] = []
    with subprocess.Popen(
        [found, *command[1:]],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            printed.write(line)
            printed.flush()
            failures += named(line)
    return ("failed" if process.returncode else "passed"), tuple(dict.fromkeys(failures))


def named(line: str) -> list[str]:
    """Return the failed test that a line names, if it does."""
    found = FAILED.match(ANSI.sub("", line).rstrip(" \n─"))
    return [(found[1] or found[2])[:NAME_CHARS]] if found else []


def summarise(outcomes: Sequence[Outcome]) -> int:
    """Print a line per step and then the tests that failed; return 1 where a step failed."""
    print("\n=== summary")
    for outcome in outcomes:
        why = f"  ({outcome.reason})" if outcome.reason else ""
        print(f"{outcome.status:8} {outcome.step.name:12} {outcome.duration_s:6.1f} s{why}")
    for outcome in outcomes:
        when = "failed, then passed" if outcome.passed_later else "failed"
        for name in outcome.failures[:SHOWN_FAILURES]:
            print(f"{outcome.step.name}: {when}: {name}")
    count = {status: sum(o.status == status for o in outcomes) for status in ("passed", "failed", "skipped")}
    print(f"steps: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


@cache
def environment() -> Mapping[str, str]:
    """Return the environment of a step: the checkout's programs first, test data in one place."""
    DATA.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "GPTOSS_LAB_DATA_DIR": str(DATA),
        "GPTOSS_LAB_TEST_DATA_DIR": str(DATA),
    }
