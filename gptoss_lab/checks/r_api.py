"""The check of R calls: the program for the sandbox's R, its payload, and its answer."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from gptoss_lab.checks.answers import read_answer
from gptoss_lab.checks.cells import Cell, line_counts
from gptoss_lab.checks.r import MAX_FINDINGS, r_findings, r_script
from gptoss_lab.schemas.review import Finding

_FOLDER = Path(__file__).with_name("agent")
_PARTS = ("r_library", "r_arguments", "r_scope", "r_walk", "r_rules")
_MAX_SYMBOL = 200
_MAX_MESSAGE = 1000
_MAX_SUGGESTIONS = 4


class _Told(BaseModel):
    cell: str
    line: int = 0
    check: Literal["api", "names"]
    severity: Literal["error", "warning", "info"]
    symbol: str = ""
    message: str
    suggestions: tuple[str, ...] = ()


class _Answer(BaseModel):
    findings: tuple[_Told, ...] = ()


@cache
def r_api_script() -> str:
    """Return the function that runs in the sandbox's R: JSON text in, JSON text out.

    It also does what `r_script` does. It attaches the packages that the cells load, so that it must
    run in a sandbox that nothing else uses.
    """
    parts = "\n".join((_FOLDER / f"{name}.R").read_text(encoding="utf-8") for name in _PARTS)
    return f"function(payload) {{\n{parts.replace('CELLS_PROGRAM', r_script())}\n}}"


def r_api_payload(cells: Sequence[Cell], context: Sequence[str] = ()) -> str:
    """Return the function's input for these cells; `context` is learned from but not checked."""
    asked = [{"id": cell.id, "source": cell.source} for cell in cells]
    return json.dumps({"cells": asked, "context": list(context)})


def r_api_findings(answer: str, cells: Sequence[Cell], installed: Collection[str] = ()) -> list[Finding]:
    """Read the answer. It comes from a sandbox, so that nothing in it is trusted.

    Args:
        answer: What the function returned.
        cells: What it was asked about.
        installed: The sandbox's packages, for suggestions.

    Raises:
        SandboxError: The answer is not the function's.
    """
    found = r_findings(answer, cells, installed)
    told = read_answer(_Answer, answer, "check of R").findings
    lines = line_counts(cells)
    found += [_finding(one, lines[one.cell]) for one in told if one.cell in lines]
    return list(dict.fromkeys(found))[:MAX_FINDINGS]


def _finding(one: _Told, lines: int) -> Finding:
    return Finding(
        check=one.check,
        severity=one.severity,
        cell=one.cell,
        line=min(max(one.line, 0), lines),
        symbol=one.symbol[:_MAX_SYMBOL],
        message=one.message[:_MAX_MESSAGE],
        suggestions=tuple(text[:_MAX_SYMBOL] for text in one.suggestions[:_MAX_SUGGESTIONS]),
    )
