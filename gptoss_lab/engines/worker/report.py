"""The worker's log: one line per fact, for the launcher to parse and a person to read.

No line ever holds a prompt or an answer.
"""

from __future__ import annotations

import contextlib
import re
import sys
import traceback

PREFIX = "[worker]"
_CONSTANT = re.compile(r"\b(?:CUBLAS_STATUS|CUDNN_STATUS|CUDA_ERROR|HIPBLAS_STATUS)_[A-Z_]+")


def say(phase: str, message: str = "", **facts: float | str) -> None:
    """Write one line: `[worker] PHASE key=value … message`."""
    words = [PREFIX, phase, *(f"{key}={value}" for key, value in facts.items()), " ".join(message.split())]
    with contextlib.suppress(
        BrokenPipeError
    ):  # nobody reads any more: whoever started us is gone, and ends us
        sys.stdout.write(" ".join(filter(None, words)) + "\n")
        sys.stdout.flush()


def say_fault(where: str, error: BaseException) -> None:
    """Write what kind of error came up and where, without its words: they may quote a prompt.

    The names of errors of the GPU's libraries quote nothing.
    """
    frames = traceback.extract_tb(error.__traceback__)
    name = " ".join(dict.fromkeys([type(error).__name__, *_CONSTANT.findall(str(error))]))
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    say("error", f"{where}: {name} at {place}")
