"""Check: what can be said of the cells without running them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence

from gptoss_lab.checks.api import ApiReport, agent_script, api_payload, api_report
from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.docs import Mention, check_docs, mentions
from gptoss_lab.checks.names import check_names
from gptoss_lab.checks.packages import check_packages
from gptoss_lab.checks.policy import check_policy
from gptoss_lab.checks.python import check_syntax
from gptoss_lab.checks.r import unchecked_r
from gptoss_lab.checks.r_api import r_api_findings, r_api_payload, r_api_script
from gptoss_lab.checks.r_policy import check_r_policy
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.events import Event, FindingEvent, Stage, Warn
from gptoss_lab.schemas.generation import NotebookVariable
from gptoss_lab.schemas.review import Finding
from gptoss_lab.services.pipeline.names import stand_ins
from gptoss_lab.services.pipeline.run import Run

INSPECT_TIMEOUT_S = 60.0


async def check(run: Run) -> AsyncIterator[Event]:
    """Check all code cells; findings of cells that changed replace the old ones."""
    cells = run.checkable()
    if not cells:
        return
    yield Stage(stage="check")
    if run.request.language == "r":
        findings, warning = await _ask_r(run, cells)
        findings += await asyncio.to_thread(lambda: list(check_r_policy(cells)))
    else:
        used = await asyncio.to_thread(mentions, cells, run.context()) if _asks_docs(run) else []
        report, warning = await _ask_sandbox(run, cells, [mention.name for mention in used])
        context = (*run.context(), *stand_ins(run))
        findings = await asyncio.to_thread(on_host, cells, context, run.packages, report.modules)
        findings += report.findings
        findings += await _ask_docs(run, used, report)
    if warning is not None:
        yield warning
    for event in _changes(run, [run.choices.policy.judged(finding) for finding in findings]):
        yield event


def on_host(
    cells: Sequence[Cell],
    context: Sequence[str],
    packages: Mapping[str, str],
    modules: Mapping[str, bool] | None = None,
) -> list[Finding]:
    """Run the Python checks that need no library."""
    return [
        *check_syntax(cells),
        *check_names(cells, context),
        *check_packages(cells, packages, modules),
        *check_policy(cells),
    ]


def _asks_docs(run: Run) -> bool:
    """Say whether names are compared with the documentation; its own examples need no such question."""
    return bool(run.ids) and run.generator.name != "examples"


async def _ask_docs(run: Run, used: Sequence[Mention], report: ApiReport) -> list[Finding]:
    if not used:
        return []
    symbols = await run.corpora.symbols(run.ids, [mention.name for mention in used])
    return await asyncio.to_thread(lambda: list(check_docs(used, symbols, report.known)))


async def _ask_sandbox(
    run: Run, cells: Sequence[Cell], names: Sequence[str]
) -> tuple[ApiReport, Warn | None]:
    """Ask the installed libraries. Examples that will be run need no such question."""
    if not run.has_sandbox:
        return ApiReport(), None
    language = run.request.language
    try:
        run.packages = run.packages or await run.executor.packages(language)
        if run.generator.name == "examples" and run.verifies:
            return ApiReport(), None
        known = _variables(run)
        payload = await asyncio.to_thread(api_payload, cells, run.context(), known, names)
        answer = await run.executor.inspect(language, agent_script(), payload, timeout_s=INSPECT_TIMEOUT_S)
        return api_report(answer, cells), None
    except SandboxError as error:
        message = f"The calls could not be checked against the installed packages: {error.message}"
        return ApiReport(), Warn(message=message, hint=error.hint)


def _variables(run: Run) -> tuple[NotebookVariable, ...]:
    """Return what is told of the live kernel's variables, for code that may use them."""
    return run.request.context.variables if run.context() else ()


async def _ask_r(run: Run, cells: Sequence[Cell]) -> tuple[list[Finding], Warn | None]:
    """Ask the sandbox's R, which alone can parse it. Examples that will be run need no such question."""
    if not run.has_sandbox:
        return unchecked_r(cells), None
    try:
        run.packages = run.packages or await run.executor.packages("r")
        if run.generator.name == "examples" and run.verifies:
            return [], None
        payload = r_api_payload(cells, run.context())
        answer = await run.executor.inspect("r", r_api_script(), payload, timeout_s=INSPECT_TIMEOUT_S)
        return await asyncio.to_thread(r_api_findings, answer, cells, run.packages), None
    except SandboxError as error:
        message = f"The R cells could not be checked: {error.message}"
        return unchecked_r(cells), Warn(message=message, hint=error.hint)


def _changes(run: Run, findings: Sequence[Finding]) -> list[Event]:
    by_cell: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_cell[finding.cell].append(finding)
    events: list[Event] = []
    for cell in run.sheet.code():
        found = by_cell[cell.id]
        known = cell.findings
        if not set(known) <= set(found):
            events += run.reclose(cell.model_copy(update={"findings": ()}))
            known = ()
        events += [run.apply(FindingEvent(finding=finding)) for finding in found if finding not in known]
    return events
