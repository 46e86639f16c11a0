"""What can be said of the cells of an execution before they run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.packages import check_packages
from gptoss_lab.checks.python import check_syntax
from gptoss_lab.checks.r import r_findings, r_payload, r_script, unchecked_r
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.execution import ExecutionRequest, SandboxImage
from gptoss_lab.schemas.review import Finding
from gptoss_lab.services.inspection import inspect_in
from gptoss_lab.services.kernel_session import KernelSession
from gptoss_lab.services.needs import by_hand

CHECK_TIMEOUT_S = 10.0


def check_run(request: ExecutionRequest, image: SandboxImage | None) -> list[Finding]:
    """Look at the syntax of each Python cell and at what it imports; a cell's id is its number.

    This parses: call it in a thread.

    Args:
        request: What is asked; modules among its files are there, whatever the image holds.
        image: Where they are to run, if it is known. A newer Python may read what ours does not: then a
            cell that cannot be read is only told of.
    """
    cells = _cells(request)
    sent = {PurePosixPath(file.path).parts[0] for file in request.files}
    modules = dict.fromkeys((name.removesuffix(".py") for name in sent), True)
    # A kept sandbox may hold modules that an earlier execution wrote; the run will tell.
    known = {} if request.sandbox or image is None else image.packages
    unread = list(check_syntax(cells))
    if image is not None and _is_newer(image.language_version):
        unread = [finding.model_copy(update={"severity": "warning"}) for finding in unread]
    return [*unread, *map(by_hand, check_packages(cells, known, modules))]


async def check_run_in(
    session: KernelSession, request: ExecutionRequest, packages: Mapping[str, str]
) -> list[Finding]:
    """Let the sandbox's own R look at R cells, which nothing else can parse; none of them is run.

    Args:
        session: The sandbox that is to run them.
        request: What is asked.
        packages: What the image holds, for suggestions.
    """
    cells = _cells(request)
    try:
        payload = r_payload(cells)
        answer = await inspect_in(session, "r", r_script(), payload, timeout_s=CHECK_TIMEOUT_S)
        found = await asyncio.to_thread(r_findings, answer, cells, packages)
        return [by_hand(finding) for finding in found]
    except SandboxError as error:
        return unchecked_r(cells, error.message)


def _is_newer(version: str) -> bool:
    """Say whether a Python is newer than the one that runs us; one of an unknown version is not."""
    numbers = [int(part) for part in version.split(".")[:2] if part.isdecimal()]
    return tuple(numbers) > sys.version_info[: len(numbers)]


def _cells(request: ExecutionRequest) -> list[Cell]:
    return [Cell(str(number), source) for number, source in enumerate(request.sources)]


def forbids(findings: Sequence[Finding], *, stop_on_error: bool) -> bool:
    """Say whether it is known that the run would end in an error that all of it waits for.

    Only a cell that cannot be read is such a thing. A missing package is told, and the cells run:
    the import may be one that the code survives, and what comes before it is of use.
    """
    unread = any(finding.check == "syntax" and finding.severity == "error" for finding in findings)
    return stop_on_error and unread
