"""The door of the agent.

Reads `{"cells": [{"id", "source"}], "context": [source]}`, where sources are plain Python, and
answers `{"findings": [{"cell", "line", "symbol", "message", "suggestions"}], "modules": {name: found}}`.
"""

from __future__ import annotations

import ast
import contextlib
import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from gptoss_lab.checks.agent.library import Library
from gptoss_lab.checks.agent.statements import Checker


def check(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Check the cells of a payload."""
    checker = Checker(Library())
    cells = [("", source, False) for source in payload.get("context", ())]
    cells += [(cell["id"], cell["source"], True) for cell in payload["cells"]]
    for name, source, report in cells:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            checker.names.clear()
            continue
        checker.run(name, tree, report=report)
    return {"findings": checker.findings, "modules": checker.library.modules}


def main() -> None:
    """Read a payload from standard input and write the answer to standard output."""
    warnings.simplefilter("ignore")
    payload = json.load(sys.stdin)
    # Libraries may print while they are imported; the answer stands alone on standard output.
    with contextlib.redirect_stdout(sys.stderr):
        answer = check(payload)
    json.dump(answer, sys.stdout)
