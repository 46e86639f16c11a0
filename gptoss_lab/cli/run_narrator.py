"""The events of an execution: what the cells write as they write it, and the rest in words."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import struct
import sys
from typing import Any, TextIO

from gptoss_lab.cli.narrator import FAULTS, image_name
from gptoss_lab.cli.screen import Screen, tell_fault, write_json
from gptoss_lab.sandbox.outputs import strip_ansi
from gptoss_lab.schemas.runs import (
    CellEnd,
    CellError,
    Display,
    JobEvent,
    Result,
    RunEnd,
    RunFinding,
    RunQueued,
    RunStart,
    Stderr,
    Stdout,
    Truncated,
    UpdateDisplay,
)

PNG_HEADER_BYTES = 24


class RunNarrator:
    """Tells each event: outputs to standard output and error, the rest to the screen.

    Args:
        screen: Where notes go.
        as_json: Write each event as a line of JSON, and nothing else to standard output.
    """

    def __init__(self, screen: Screen, *, as_json: bool) -> None:
        self._screen = screen
        self._as_json = as_json

    def tell(self, event: JobEvent) -> None:
        """Tell one event."""
        if self._as_json:
            write_json(event.model_dump_json())
        elif isinstance(event, (Stdout, Stderr)):
            write(event.text, sys.stdout if event.type == "stdout" else sys.stderr)
        elif isinstance(event, (Result, Display, UpdateDisplay)):
            write(f"{shown(event.data)}\n", sys.stdout)
        elif isinstance(event, CellError):
            write("\n".join(event.traceback or (f"{event.ename}: {event.evalue}",)) + "\n", sys.stderr)
        else:
            self._note(event)

    def _note(self, event: JobEvent) -> None:
        if isinstance(event, RunQueued) and event.position:
            self._screen.note(f"Waiting: {event.position} ahead.")
        elif isinstance(event, RunFinding):
            line = f", line {event.finding.line}" if event.finding.line else ""
            self._screen.note(f"Cell {event.cell + 1}{line}: {event.finding.message}")
        elif isinstance(event, RunStart):
            where = f"{event.runtime}, image {image_name(event.image)}, no network"
            self._screen.note(f"Sandbox: {where}.")
        elif isinstance(event, Truncated):
            self._screen.note(f"Cell {event.cell + 1}: more than {event.limit} {event.what} are not shown.")
        elif isinstance(event, CellEnd) and event.verification.status in FAULTS:
            self._screen.note(f"Cell {event.cell + 1} was stopped: {FAULTS[event.verification.status]}.")
        elif isinstance(event, RunEnd) and event.problem is not None:
            told = (event.problem.detail or event.problem.title).rstrip(".")
            tell_fault(self._screen, f"{told}.\n  {event.problem.hint}".rstrip())


def shown(data: dict[str, Any]) -> str:
    """Return a bundle as a terminal can show it; a picture is named with its size."""
    for mime in ("image/png", "image/jpeg"):
        if isinstance(picture := data.get(mime), str):
            return f"[{mime}{_size(picture)}]"
    plain = data.get("text/plain")
    return plain if isinstance(plain, str) else f"[{', '.join(sorted(data))}]"


def write(text: str, stream: TextIO) -> None:
    """Write at once, without colours where nobody sees them. A reader that left is no fault."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        text = strip_ansi(text)
    with contextlib.suppress(BrokenPipeError):
        stream.write(text)
        stream.flush()


def _size(picture: str) -> str:
    try:
        head = base64.b64decode(picture[: PNG_HEADER_BYTES * 4 // 3])
        width, height = struct.unpack_from(">II", head, 16)
    except (binascii.Error, struct.error):
        return ""
    return f" {width}x{height}" if head.startswith(b"\x89PNG") else ""
