"""Bars, lines and JSON."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pexpect
import pytest
from rich.console import Console

from gptoss_lab.cli.screen import Bars, Lines, screen, write_json


def test_lines_are_plain_and_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for a step, with its percentage, while nothing else is new; steps may alternate."""
    with Lines() as view:
        for done in range(50):
            view.step("reading", done, 100, f"file {done}")
            view.step("downloading", 0, 0, f"file {done}")
        view.step("writing", 50, 100)
        view.note("a note")
    assert capsys.readouterr().err == "reading\ndownloading\nwriting (50%)\na note\n"


def test_a_long_step_is_told_again_by_tenths(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few lines for a step that moves, and a sign of life from one that does not."""
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with Lines() as view:
        for done in range(100):
            now += 1
            view.step("reading", done, 100)
        for number in range(64):
            now += 1
            view.step("installing", detail=f"package {number}")
    told = capsys.readouterr().err.splitlines()
    assert told[:3] == ["reading", "reading (10%)", "reading (20%)"]
    assert told[10:] == ["installing", "installing: package 30", "installing: package 60"]


def test_quiet_lines_say_only_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the steps are in the events."""
    with Lines(quiet=True) as view:
        view.step("reading")
        view.note("a note")
    assert capsys.readouterr().err == "a note\n"


def test_bars_keep_notes_and_show_brackets_as_they_are() -> None:
    """A text of the outside is never read as markup."""
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=True, width=100)) as view:
        view.step("reading [bold]x[/bold]", 1, 4)
        view.note("pip install gptoss-lab[vllm]")
    assert "pip install gptoss-lab[vllm]" in out.getvalue()
    assert "[bold]x[/bold]" in out.getvalue()


def test_no_terminal_means_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log file gets no control characters."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(screen(), Lines)


def test_colours_are_off_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is honoured."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=True)) as view:
        view.step("reading", 1, 4)
    assert "\x1b[3" not in out.getvalue().replace("\x1b[32m", "")
    assert "\x1b[32m" not in out.getvalue()


def test_json_lines_survive_a_reader_that_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """`... --json | head -1` is no failure."""

    class Gone(io.StringIO):
        tried = 0

        def write(self, _text: str) -> int:
            self.tried += 1
            raise BrokenPipeError

    gone = Gone()
    monkeypatch.setattr("sys.stdout", gone)
    write_json({"a": 1})
    assert gone.tried


SHOWING = (
    "import time; from gptoss_lab.cli.screen import screen\n"
    "with screen() as view:\n"
    "    view.step('reading ' + 'x' * 90, 1, 2); time.sleep(0.4); view.note('a remark')\n"
)


def on_a_terminal(columns: int, **variables: str) -> str:
    """Return what a terminal is sent."""
    plain = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
    environment = {**plain, "TERM": "xterm-256color", "COLUMNS": str(columns), **variables}
    child = pexpect.spawn(
        sys.executable,
        ["-c", SHOWING],
        env=environment,
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=30,
    )
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


def test_a_narrow_terminal_gets_words_and_no_bar() -> None:
    """What does not fit is cut, not broken into lines that pile up."""
    wide, narrow = on_a_terminal(100), on_a_terminal(40)
    assert "\u2501" in wide
    assert "\u2501" not in narrow
    frames = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", narrow).replace("\r", "\n").splitlines()
    assert max(map(len, frames)) <= 40
    assert any("\u2026" in frame for frame in frames)
    assert "a remark" in narrow


def test_no_color_is_heeded() -> None:
    """The bar moves, without colours."""
    colours = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
    assert colours.search(on_a_terminal(100))
    assert not colours.search(on_a_terminal(100, NO_COLOR="1"))


def test_a_dumb_terminal_and_a_log_get_lines() -> None:
    """Also a log that is forced to have colours."""
    dumb = on_a_terminal(100, TERM="dumb")
    assert "\x1b[" not in dumb
    assert "reading" in dumb
    forced = subprocess.run(
        [sys.executable, "-c", SHOWING],
        env={**os.environ, "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "\x1b[" not in forced.stderr
    assert "reading" in forced.stderr
