"""Lines of a log that say which request and which job they belong to, as text or as JSON.

What people ask and get is not in them. Faults are told by their class and their place in our code, without
their message: that of a library may quote what it was given.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterable
from datetime import datetime, timezone
from types import TracebackType
from typing import Any

from gptoss_lab.errors import GptossError
from gptoss_lab.services.owners import OWNER
from gptoss_lab.services.work import ASKER, JOB, REQUEST, STAGE, mark_of

ROOT = "gptoss_lab"
ACCESS = f"{ROOT}.access"
FIELDS = ("request", "job", "owner", "stage")
FIGURES = ("duration_s", "method", "route", "status", "bytes", "state", "kind")
_TEXT = "[%(levelname)1.1s %(asctime)s.%(msecs)03d %(name)s]%(context)s %(message)s"
_DATE = "%Y-%m-%d %H:%M:%S"
Fault = tuple[type[BaseException], BaseException, TracebackType | None]


class InContext(logging.Filter):
    """Puts into each record what the task works on, and takes the message out of a fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass, completed."""
        owner = OWNER.get() or ASKER.get()
        found = {"request": REQUEST.get(), "job": JOB.get(), "owner": mark_of(owner), "stage": STAGE.get()}
        for name, value in found.items():
            if not getattr(record, name, ""):
                setattr(record, name, value)
        told = [f"{name}={getattr(record, name)}" for name in FIELDS if getattr(record, name)]
        record.context = f" [{' '.join(told)}]" if told else ""
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.exc_text = discreet(record.exc_info)
        return True


class TextLines(logging.Formatter):
    """Lines as Jupyter writes them, with what they belong to."""

    def __init__(self) -> None:
        super().__init__(_TEXT, _DATE)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what there is of the rest."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        at = datetime.fromtimestamp(record.created, tz=timezone.utc).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in (*FIELDS, *FIGURES):
            value = getattr(record, name, None)
            if value not in {None, ""}:
                line[name] = value
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["fault"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


class ToStandardError(logging.Handler):
    """Writes to what standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; a closed standard error is no fault of who logs."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


def set_up(*, as_json: bool, level: int, others: Iterable[logging.Handler] = ()) -> None:
    """Write what our loggers say to standard error, once, whoever asked for it before.

    Args:
        as_json: Write JSON lines.
        level: The level from which on it is written.
        others: Handlers of the server, which then write JSON lines too: half a log in JSON helps nobody.
    """
    take_down()
    handler = ToStandardError()
    handler.addFilter(InContext())
    handler.setFormatter(JsonLines() if as_json else TextLines())
    root = logging.getLogger(ROOT)
    root.setLevel(level)
    root.addHandler(handler)
    # In a text that a person watches, requests that went well are told where everything is.
    quiet = not as_json and level > logging.DEBUG
    logging.getLogger(ACCESS).setLevel(logging.WARNING if quiet else logging.NOTSET)
    for other in others if as_json else ():
        other.setFormatter(JsonLines())


def take_down() -> None:
    """Undo what `set_up` did to our loggers."""
    root = logging.getLogger(ROOT)
    for known in [handler for handler in root.handlers if isinstance(handler, ToStandardError)]:
        root.removeHandler(known)
    root.setLevel(logging.NOTSET)
    logging.getLogger(ACCESS).setLevel(logging.NOTSET)


def discreet(fault: Fault | tuple[Any, Any, Any]) -> str:
    """Return a fault as text: where it came from, and its class; the message only where it is ours."""
    lines: list[str] = []
    error: BaseException | None = fault[1]
    while error is not None:
        place = traceback.format_list(traceback.extract_tb(error.__traceback__))
        words = f" ({error.code})" if isinstance(error, GptossError) else ""
        lines = [*place, f"{type(error).__module__}.{type(error).__qualname__}{words}", *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(line.rstrip("\n") for line in lines)
