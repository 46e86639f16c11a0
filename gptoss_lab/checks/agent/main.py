"""The door of the agent.

Reads `{"cells": [{"id", "source"}], "context": [source], "variables": {name: class}, "columns": {name:
[name]}, "names": [dotted]}`, where sources are plain Python, and answers `{"findings": [{"cell", "line",
"symbol", "message", "suggestions", "evidence"}], "modules": {name: found}, "known": {dotted: exists},
"unchecked": {cell: why}, "failed": {package: why}}`.
"""

from __future__ import annotations

import ast
import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from gptoss_lab.checks.agent.library import Library
from gptoss_lab.checks.agent.statements import Checker
from gptoss_lab.checks.agent.supervise import Limits, Tell, supervised


def check(payload: Mapping[str, Any], library: Library | None = None) -> dict[str, Any]:
    """Check the cells of a payload."""
    checker = Checker(library or Library())
    for source in (*payload.get("context", ()), *(cell["source"] for cell in payload["cells"])):
        _learn(checker, source)
    for source in payload.get("context", ()):
        _walk(checker, "", source)
    columns = payload.get("columns", {})
    for name, kind in payload.get("variables", {}).items():
        # What the kernel holds now is truer than what the cells above let expect.
        checker.names[name] = checker.library.instance(kind)
        checker.columns.tell(name, kind, columns.get(name, ()))
    unchecked = {}
    for cell in payload["cells"]:
        why = _walk(checker, cell["id"], cell["source"])
        if why:
            unchecked[cell["id"]] = why
    checker.finish()
    library = checker.library
    return {
        "findings": checker.findings,
        "known": library.known(payload.get("names", ())),
        "modules": library.modules,
        "unchecked": unchecked,
        "failed": library.failed,
    }


def _learn(checker: Checker, source: str) -> None:
    try:
        checker.columns.learn(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        checker.columns.known = False


def _walk(checker: Checker, cell: str, source: str) -> str:
    """Walk one cell; say why if it could not be."""
    try:
        tree = ast.parse(source)
        checker.run(cell, tree, report=bool(cell))
    except (SyntaxError, ValueError):
        # The host says so of its own; what the cell would have bound is not known.
        checker.names.clear()
    except (RecursionError, MemoryError):
        checker.names.clear()
        return "it is nested too deeply"
    return ""


def main() -> None:
    """Read a payload from standard input and write the answer to standard output."""
    warnings.simplefilter("ignore")
    payload = json.load(sys.stdin)

    def work(blocked: Mapping[str, str], tell: Tell) -> Mapping[str, Any]:
        return check(payload, Library(blocked, lambda name: tell({"importing": name})))

    json.dump(supervised(work, Limits(**payload.get("limits", {}))), sys.stdout)
