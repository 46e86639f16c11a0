"""Events as text."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.error import UsageError

from gptoss_lab.magics.printer import Printer
from tests.fakes.magic_api import EVENTS, SOURCE

NOTHING_RAN = "None was executed here: read them, then copy what you want."
OPEN = {"type": "cell_open", "cell": "a", "index": 1, "kind": "code"}


def written(*events: dict[str, Any]) -> str:
    """Return what is printed of events."""
    pieces: list[str] = []
    Printer(pieces.append).follow(events)
    return "".join(pieces)


def test_a_job_is_told_from_start_to_end() -> None:
    """Stages once, the cell whole, its source, its run, and that nothing ran here."""
    text = written(*EVENTS)
    assert text.splitlines() == [
        "… reading the documentation",
        "… writing",
        "",
        "# --- cell 1 · code · Guide p. 3 ---",
        SOURCE,
        "# cell 1 · code in the sandbox: ok",
        "",
        f"1 cell, 1 of them ran well in the sandbox. {NOTHING_RAN}",
    ]


def test_a_repaired_cell_is_told_again_and_an_unchanged_one_is_not() -> None:
    """What is printed last of a cell is the cell."""
    close = {"type": "cell_close", "cell": "a", "source": "x = 1"}
    text = written(OPEN, close, close, {**close, "source": "x = 2"})
    assert text.count("x = 1") == 1
    assert "# --- cell 2 · code, repaired ---\nx = 2\n" in text


def test_a_cell_that_fell_away_is_named() -> None:
    """An empty source removes it."""
    close = {"type": "cell_close", "cell": "a", "source": "x = 1"}
    assert written(OPEN, close, {**close, "source": ""}).endswith("# --- cell 2 · code fell away ---\n")


def test_findings_warnings_and_failed_runs_are_told() -> None:
    """Nothing that the person should know is kept back."""
    finding = {"cell": "a", "severity": "error", "message": "pandas has no meen"}
    run = {"status": "error", "error": "Traceback\nNameError: x"}
    text = written(
        OPEN,
        {"type": "finding", "finding": finding},
        {"type": "verification", "cell": "a", "verification": run},
        {"type": "warning", "message": "No sandbox.", "hint": "Build one."},
        {"type": "done", "state": "cancelled", "cells": 0, "message": "Nothing fits."},
        {"type": "of a later version"},
    )
    assert "# cell 2 · code: error: pandas has no meen" in text
    assert "in the sandbox: error: NameError: x" in text
    assert "Note: No sandbox. Build one." in text
    assert "Nothing fits." in text
    assert "Stopped. 0 cells" in text


def test_a_failed_job_raises_its_reason() -> None:
    """So that papermill and nbclient see that the cell failed."""
    problem = {"title": "Bad", "detail": "No such package.", "hint": "Check the name."}
    with pytest.raises(UsageError, match=r"No such package\.\n  Check the name\."):
        written({"type": "error", "problem": problem})
