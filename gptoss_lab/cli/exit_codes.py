"""What the program leaves with."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes, the same for every verb."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOTHING_FITS = 3
    NOT_VERIFIED = 4
    PENDING = 5
    INTERRUPTED = 130
    NOBODY_READS = 141


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "it failed",
    ExitCode.USAGE: "it was called wrongly",
    ExitCode.NOTHING_FITS: "nothing in the documentation fits the task",
    ExitCode.NOT_VERIFIED: "not all cells ran well in the sandbox",
    ExitCode.PENDING: "cells of a notebook wait for a review",
    ExitCode.INTERRUPTED: "stopped with Ctrl-C",
    ExitCode.NOBODY_READS: "whoever read the output has left",
}


def told() -> str:
    """Return the table as one sentence, for the help."""
    return "Exit codes: " + "; ".join(f"{code.value} {words}" for code, words in MEANINGS.items()) + "."
