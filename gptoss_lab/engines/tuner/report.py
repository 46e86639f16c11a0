"""What the tuner says on standard output: one line of JSON per fact. No line holds a prompt or an answer."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback


def say(kind: str, **facts: object) -> None:
    """Write one line. A reader that has left is no fault: whoever started us then ends us."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps({"tuner": kind, **facts}) + "\n")
        sys.stdout.flush()


def say_fault(code: str, message: str) -> None:
    """Write why it cannot go on."""
    say("failed", code=code, message=message[:500])


def where(error: BaseException) -> str:
    """Return what kind of error came up and where, without its words: they may quote a row."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
