"""The API check's host side: the script for the sandbox, its payload, and its answer."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from gptoss_lab.checks.answers import read_answer
from gptoss_lab.checks.cells import Cell, line_counts, parse, plain_python
from gptoss_lab.checks.imports import imports
from gptoss_lab.schemas.generation import NotebookVariable
from gptoss_lab.schemas.review import Finding

MAX_FINDINGS = 200
_FOLDER = Path(__file__).with_name("agent")
_PACKAGE = "gptoss_lab.checks.agent"
_LOADER = """
import base64, json, sys, types, zlib
def _load(packed):
    sources = json.loads(zlib.decompress(base64.b64decode(packed)))
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
    evidence: tuple[str, ...] = ()


class _AgentAnswer(BaseModel):
    findings: tuple[_AgentFinding, ...] = ()
    modules: dict[str, bool] = {}
    known: dict[str, bool] = {}
    unchecked: dict[str, str] = {}
    failed: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class ApiReport:
    """What the installed libraries say.

    Attributes:
        modules: Top-level name to "it can be found".
        known: Dotted name to "it exists"; names of packages that could not be loaded are not in it.
    """

    findings: Sequence[Finding] = ()
    modules: Mapping[str, bool] = field(default_factory=dict)
    known: Mapping[str, bool] = field(default_factory=dict)


@cache
def agent_script(door: str = "") -> str:
    """Return the program that runs in the sandbox: payload on standard input, answer on standard output.

    Args:
        door: Python to run with the agent loaded, in the place of its own main program.
    """
    order = (
        "values",
        "candidates",
        "stores",
        "library",
        "members",
        "prose",
        "promises",
        "operators",
        "excuses",
        "keywords",
        "columns",
        "reports",
        "calls",
        "unknown",
        "expressions",
        "functions",
        "statements",
        "supervise",
        "main",
    )
    sources = {f"{_PACKAGE}.{name}": (_FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in order}
    # One argument of a command is at most 128 KiB long on Linux.
    packed = base64.b64encode(zlib.compress(json.dumps(sources).encode())).decode()
    door = door or f"sys.modules[{_PACKAGE + '.main'!r}].main()\n"
    return f"{_LOADER}\n_load({packed!r})\n{door}"


def api_payload(
    cells: Sequence[Cell],
    context: Sequence[str] = (),
    variables: Sequence[NotebookVariable] = (),
    names: Sequence[str] = (),
) -> str:
    """Return the agent's input for these cells.

    Args:
        cells: What to check.
        context: Cells above, which are learned from but not checked.
        variables: What the live kernel holds.
        names: Dotted names, to be told whether they exist.
    """
    return json.dumps({
        "cells": [{"id": cell.id, "source": plain_python(cell.source)} for cell in cells],
        "context": [plain_python(source) for source in context],
        "variables": {variable.name: variable.type for variable in variables},
        "columns": {
            variable.name: [column.name for column in variable.columns]
            for variable in variables
            if variable.columns
        },
        "names": list(names),
    })


def api_report(answer: str, cells: Sequence[Cell]) -> ApiReport:
    """Read the agent's answer. It comes from a sandbox, so that nothing in it is trusted.

    Raises:
        SandboxError: The answer is not the agent's.
    """
    parsed = read_answer(_AgentAnswer, answer, "API check")
    lines = line_counts(cells)
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
            evidence=tuple(text[:500] for text in entry.evidence[:4]),
        )
        for entry in found
    ]
    findings += [*_unchecked(parsed.unchecked, cells), *_failed(parsed.failed, cells)]
    return ApiReport(findings, parsed.modules, parsed.known)


def _unchecked(told: Mapping[str, str], cells: Sequence[Cell]) -> Iterator[Finding]:
    for cell in cells:
        if cell.id in told:
            message = f"The calls of this cell could not be checked: {told[cell.id][:200]}."
            yield Finding(check="api", severity="info", cell=cell.id, message=message)


def _failed(told: Mapping[str, str], cells: Sequence[Cell]) -> Iterator[Finding]:
    """Say where a package is imported first that is there and could not be loaded."""
    if "" in told and cells:
        message = f"The calls could not be checked: {told[''].strip()[-200:]}"
        yield Finding(check="api", severity="warning", cell=cells[0].id, message=message)
    seen: set[str] = set()
    for cell in cells:
        tree = parse(cell.source)
        for found in imports(tree) if tree is not None else ():
            if found.top in told and found.top not in seen:
                seen.add(found.top)
                why = told[found.top].strip().rstrip(".")[:200]
                message = f"Calls of `{found.top}` could not be checked, as its import failed: {why}."
                yield Finding(
                    check="api",
                    severity="warning",
                    cell=cell.id,
                    line=found.line,
                    symbol=found.top,
                    message=message,
                )
