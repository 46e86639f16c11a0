"""How a verb shows what it does: bars on a terminal, plain lines elsewhere, or JSON lines."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from contextvars import ContextVar
from typing import Any, Protocol

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column
from typing_extensions import Self

LINE_EVERY_S = 5.0
PULSE_EVERY_S = 30.0
ROOM_FOR_BAR = 72
"""On a narrower terminal the words are worth more than the bar."""


_QUIET: ContextVar[bool] = ContextVar("gptoss_lab_quiet", default=False)


def set_quiet(*, wanted: bool) -> None:
    """Show results and errors alone from now on, or everything."""
    _QUIET.set(wanted)


def is_quiet() -> bool:
    """Say whether that is wanted."""
    return _QUIET.get()


def remark(text: str) -> None:
    """Say on standard error what is neither a result nor an error."""
    if not is_quiet():
        typer.echo(text, err=True)


class Screen(Protocol):
    """Where progress and notes go. Results go to standard output, by other means."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""

    def step(self, text: str, done: int = 0, total: int = 0, detail: str = "") -> None:
        """Show what is done now. `total` is 0 while it is not known; `detail` names what is at hand."""

    def note(self, text: str) -> None:
        """Say something that stays."""


def tell_fault(view: Screen, text: str) -> None:
    """Say what went wrong, also to who wants to hear nothing else."""
    if is_quiet():
        typer.echo(text, err=True)
    else:
        view.note(text)


class Bars:
    """A spinner, a bar and a percentage on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn(
                "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
            ),
            *([BarColumn(bar_width=24)] if console.width >= ROOM_FOR_BAR else []),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, text: str, done: int = 0, total: int = 0, detail: str = "") -> None:
        """Show what is done now."""
        shown = f"{text}: {detail}" if detail else text
        self._progress.update(self._task, description=shown[:60], completed=done, total=total or None)

    def note(self, text: str) -> None:
        """Say something that stays, above the bar."""
        self._console.print(text, markup=False, highlight=False)


class Lines:
    """Plain lines on standard error: one for each new step, and few while it lasts.

    A step that was told is told again when its percentage has moved by a tenth, and when nothing
    was written for a while, so that a log shows that it goes on.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._tenths: dict[str, int] = {}
        self._told_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def step(self, text: str, done: int = 0, total: int = 0, detail: str = "") -> None:
        """Write the step when it is new, has moved on, or was silent for long."""
        percent = done * 100 // total if total else 0
        silent_s = time.monotonic() - self._told_at
        moved = percent // 10 > self._tenths.get(text, 0) and silent_s >= LINE_EVERY_S
        if self._quiet or not (text not in self._tenths or moved or silent_s >= PULSE_EVERY_S):
            return
        self._tenths[text] = percent // 10
        shown = f"{text}: {detail}" if detail and silent_s >= PULSE_EVERY_S else text
        self.note(f"{shown} ({percent}%)" if 0 < percent < 100 else shown)  # noqa: PLR2004 - all of it

    def note(self, text: str) -> None:
        """Write a line."""
        if is_quiet():
            return
        self._told_at = time.monotonic()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def screen(*, as_json: bool = False) -> Screen:
    """Return the screen that suits where standard error goes.

    NO_COLOR and FORCE_COLOR choose the colours, which is rich's work; a bar moves on a terminal alone: what
    is forced to have colours may be the log of a build.
    """
    if as_json or is_quiet():
        return Lines(quiet=True)
    console = Console(stderr=True)
    return Bars(console) if sys.stderr.isatty() and not console.is_dumb_terminal else Lines()


def say(value: Any, text: str, *, as_json: bool) -> None:
    """Tell a result: as a line of JSON, or in words."""
    if as_json:
        write_json(value)
    else:
        typer.echo(text)


def write_json(value: Any) -> None:
    """Write one line of JSON to standard output, at once. A reader that left is no fault."""
    text = value if isinstance(value, str) else json.dumps(value)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
