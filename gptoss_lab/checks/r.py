"""R cells: parsed by the R of the sandbox, and the packages that they load looked up there."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from gptoss_lab.checks.answers import read_answer
from gptoss_lab.checks.cells import Cell, line_counts
from gptoss_lab.checks.packages import r_need
from gptoss_lab.schemas.review import Finding

MAX_FINDINGS = 200
MAX_WORDS = 300
_PROGRAM = Path(__file__).with_name("agent") / "cells.R"
# R says `<text>:2:0: unexpected end of input`, then shows the lines.
_PLACE = re.compile(r"<text>:(\d+):\d+: ([^\n]+)")


class _Package(BaseModel):
    name: str
    line: int = 0


class _Parsed(BaseModel):
    id: str
    problem: str | None = None
    packages: tuple[_Package, ...] | None = None


class _Answer(BaseModel):
    cells: tuple[_Parsed, ...] = ()


def unchecked_r(cells: Iterable[Cell], why: str = "that needs a sandbox with R") -> list[Finding]:
    """Say once, on the first cell, that R cells were not checked."""
    first = next(iter(cells), None)
    if first is None:
        return []
    message = f"R cells were not checked: {why[:MAX_WORDS]}. Read them with care."
    return [Finding(check="syntax", severity="info", cell=first.id, message=message)]


@cache
def r_script() -> str:
    """Return the function that runs in the sandbox's R: JSON text in, JSON text out."""
    return _PROGRAM.read_text(encoding="utf-8")


def r_payload(cells: Sequence[Cell]) -> str:
    """Return the function's input for these cells."""
    return json.dumps({"cells": [{"id": cell.id, "source": cell.source} for cell in cells]})


def r_findings(answer: str, cells: Sequence[Cell], installed: Collection[str] = ()) -> list[Finding]:
    """Read the answer. It comes from a sandbox, so that nothing in it is trusted.

    Args:
        answer: What the function returned.
        cells: What it was asked about.
        installed: The sandbox's packages, for suggestions.

    Raises:
        SandboxError: The answer is not the function's.
    """
    parsed = read_answer(_Answer, answer, "check of R")
    lines = line_counts(cells)
    found = [
        finding
        for entry in parsed.cells
        if entry.id in lines
        for finding in _of_cell(entry, lines[entry.id], installed)
    ]
    return found[:MAX_FINDINGS]


def _of_cell(entry: _Parsed, lines: int, installed: Collection[str]) -> Iterator[Finding]:
    if entry.problem is not None:
        place = _PLACE.search(entry.problem)
        line, words = (int(place[1]), place[2]) if place else (0, " ".join(entry.problem.split()))
        message = f"This is not valid R: {words[:MAX_WORDS]}."
        line = min(line, lines)
        yield Finding(check="syntax", severity="error", cell=entry.id, line=line, message=message)
    for package in entry.packages or ():
        name = package.name[:MAX_WORDS]
        near = difflib.get_close_matches(name, sorted(installed), n=3, cutoff=0.75)
        yield Finding(
            check="packages",
            severity="error",
            cell=entry.id,
            line=min(max(package.line, 0), lines),
            symbol=name,
            message=f"The package `{name}` is not installed in the sandbox. Use one that is, or have it "
            "added to the sandbox's environment.",
            suggestions=tuple(near),
            need=r_need(name, near[0] if near else ""),
        )
