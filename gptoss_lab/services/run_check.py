"""What can be said of the cells of an execution before a sandbox is spent on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.packages import check_packages
from gptoss_lab.checks.python import check_syntax
from gptoss_lab.checks.r import check_r
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.review import Finding


def check_run(request: ExecutionRequest, packages: Mapping[str, str], *, is_r: bool) -> list[Finding]:
    """Look at the syntax of each cell and at the packages that it imports; a cell's id is its number.

    This parses: call it in a thread.

    Args:
        request: What is asked; modules among its files are there, whatever the image holds.
        packages: What the image holds, with versions. Empty: nothing is known.
        is_r: The language of the sandbox.
    """
    cells = [Cell(str(number), source) for number, source in enumerate(request.sources)]
    if is_r:
        return check_r(cells)
    sent = {PurePosixPath(file.path).parts[0] for file in request.files}
    modules = dict.fromkeys((name.removesuffix(".py") for name in sent), True)
    # A kept sandbox may hold modules that an earlier execution wrote; the run will tell.
    known = {} if request.sandbox else packages
    return [*check_syntax(cells), *check_packages(cells, known, modules)]


def forbids(findings: Sequence[Finding], *, stop_on_error: bool) -> bool:
    """Say whether it is known that the run would end in an error that all of it waits for.

    Only a cell that cannot be read is such a thing. A missing package is told, and the cells run:
    the import may be one that the code survives, and what comes before it is of use.
    """
    unread = any(finding.check == "syntax" and finding.severity == "error" for finding in findings)
    return stop_on_error and unread
