"""Runs a check in a child that imports may hang, fill or end; what could not be imported is left out.

The check is started again without the import that broke it, so that all the rest is still checked.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

IMPORT_WITHIN_S = 20.0
CHECK_WITHIN_S = 30.0
MEMORY_BYTES = 3 << 30
MAX_TRIES = 4

Tell = Callable[[Mapping[str, Any]], None]
Work = Callable[[Mapping[str, str], Tell], Mapping[str, Any]]
"""What is left out and why, and where to tell of imports; the answer."""


@dataclass(frozen=True)
class Limits:
    """How long an import and what lies between imports may take, and the memory of the child."""

    import_s: float = IMPORT_WITHIN_S
    check_s: float = CHECK_WITHIN_S
    memory_bytes: int = MEMORY_BYTES


def supervised(work: Work, limits: Limits) -> dict[str, Any]:
    """Return the answer of `work`; what had to be left out for it stands in its `failed`."""
    blocked: dict[str, str] = {}
    for _ in range(MAX_TRIES):
        answer, place, why = _attempt(work, blocked, limits)
        if answer is not None:
            return answer
        if not place or place in blocked:
            return {"failed": {**blocked, place: why}}
        blocked[place] = why
    return {"failed": blocked}


def _attempt(
    work: Work, blocked: Mapping[str, str], limits: Limits
) -> tuple[dict[str, Any] | None, str, str]:
    """Return the answer, or the import that broke the check and how."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _child(work, blocked, write, limits)
    os.close(write)
    place, why = "", "it ended the process"
    try:
        for told in _messages(read, limits):
            if "answer" in told:
                return told["answer"], "", ""
            if "broken" in told:
                return None, "", told["broken"]
            place = told["importing"]
    except TimeoutError:
        limit_s = limits.import_s if place else limits.check_s
        why = f"it took more than {limit_s:.0f} seconds"
    finally:
        os.close(read)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return None, place, why


def _messages(read: int, limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield what the child tells, one line each.

    Raises:
        TimeoutError: It tells nothing for too long.
    """
    rest = b""
    until = time.monotonic() + limits.check_s
    while True:
        left_s = until - time.monotonic()
        if left_s <= 0 or not select.select([read], [], [], left_s)[0]:
            raise TimeoutError
        part = os.read(read, 1 << 16)
        if not part:
            return
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            told = json.loads(line)
            until = time.monotonic() + (limits.import_s if told.get("importing") else limits.check_s)
            yield told


def _child(work: Work, blocked: Mapping[str, str], write: int, limits: Limits) -> None:
    """Do the work and leave; libraries may print while they are imported, and nobody reads that."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = limits.memory_bytes if most == resource.RLIM_INFINITY else min(most, limits.memory_bytes)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))

    def tell(message: Mapping[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(write, data) :]

    try:
        tell({"answer": work(blocked, tell)})
    except BaseException:  # noqa: BLE001 - whatever it is, the parent has to be told
        tell({"broken": traceback.format_exc()[-1000:]})
    finally:
        os._exit(0)
