"""The API check's host side: the script for the sandbox, its payload, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ValidationError

from gptoss_lab.checks.cells import Cell, plain_python
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.review import Finding

MAX_FINDINGS = 200
_FOLDER = Path(__file__).with_name("agent")
_PACKAGE = "gptoss_lab.checks.agent"
_LOADER = """
import sys, types
def _load(sources):
    for name in sources:
        parent, _, _ = name.rpartition(".")
        while parent and parent not in sys.modules:
            package = types.ModuleType(parent)
            package.__path__ = []
            sys.modules[parent] = package
            parent, _, _ = parent.rpartition(".")
    for name, text in sources.items():
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(compile(text, name, "exec", dont_inherit=True), module.__dict__)
"""


class _AgentFinding(BaseModel):
    cell: str
    line: int
    symbol: str
    message: str
    suggestions: tuple[str, ...] = ()


class _AgentAnswer(BaseModel):
    findings: tuple[_AgentFinding, ...] = ()
    modules: dict[str, bool] = {}


@dataclass(frozen=True, slots=True)
class ApiReport:
    """What the installed libraries say. `modules`: top-level name to "it can be imported"."""

    findings: Sequence[Finding] = ()
    modules: Mapping[str, bool] = field(default_factory=dict)


@cache
def agent_script() -> str:
    """Return the program that runs in the sandbox: payload on standard input, answer on standard output."""
    order = (
        "values",
        "candidates",
        "library",
        "members",
        "promises",
        "operators",
        "excuses",
        "reports",
        "calls",
        "expressions",
        "functions",
        "statements",
        "supervise",
        "main",
    )
    sources = {f"{_PACKAGE}.{name}": (_FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in order}
    return f"{_LOADER}\n_load({sources!r})\nsys.modules[{_PACKAGE + '.main'!r}].main()\n"


def api_payload(cells: Sequence[Cell], context: Sequence[str] = ()) -> str:
    """Return the agent's input for these cells; `context` is learned from but not checked."""
    return json.dumps({
        "cells": [{"id": cell.id, "source": plain_python(cell.source)} for cell in cells],
        "context": [plain_python(source) for source in context],
    })


def api_report(answer: str, cells: Sequence[Cell]) -> ApiReport:
    """Read the agent's answer. It comes from a sandbox, so that nothing in it is trusted.

    Raises:
        SandboxError: The answer is not the agent's.
    """
    try:
        parsed = _AgentAnswer.model_validate_json(answer)
    except ValidationError as error:
        raise SandboxError("The API check in the sandbox gave no answer that can be read.") from error
    lines = {cell.id: cell.source.count("\n") + 1 for cell in cells}
    found = [entry for entry in parsed.findings if entry.cell in lines][:MAX_FINDINGS]
    findings = [
        Finding(
            check="api",
            severity="error",
            cell=entry.cell,
            line=min(max(entry.line, 0), lines[entry.cell]),
            symbol=entry.symbol[:200],
            message=entry.message[:1000],
            suggestions=tuple(text[:200] for text in entry.suggestions[:4]),
        )
        for entry in found
    ]
    return ApiReport(findings, parsed.modules)
