"""The question that asks to rewrite cells which failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.prompts.layout import Own
from gptoss_lab.prompts.template import Templates, built_in
from gptoss_lab.prompts.traceback import last_lines
from gptoss_lab.prompts.untrusted import marker_for, neutralise, one_line
from gptoss_lab.prompts.variables import variable_lines
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.review import Finding

_MAX_FINDINGS = 12
_MAX_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Broken:
    """One cell to rewrite, and why. `error` is the traceback of its run."""

    cell: GeneratedCell
    findings: Sequence[Finding] = ()
    error: str = ""


def repair_question(
    task: str,
    cells: Sequence[GeneratedCell],
    broken: Sequence[Broken],
    above: Sequence[str] = (),
    *,
    own: Own | None = None,
    templates: Templates | None = None,
) -> str:
    """Return the last message of a repair prompt.

    Args:
        task: What the person asked for.
        cells: All code cells of the job, in the order of the notebook.
        broken: Those to rewrite, in the same order.
        above: What of the notebook stands above them and is run before them.
        own: The person's house rules, and what their kernel holds, as far as they let it be told.
        templates: What it is written by; the built-in ones where none are given.
    """
    code = [cell for cell in cells if cell.kind == "code"]
    numbers = {cell.id: number for number, cell in enumerate(code, start=1)}
    failing = {item.cell.id for item in broken}
    shown = [
        {"number": numbers[cell.id], "source": neutralise(cell.source), "broken": cell.id in failing}
        for cell in code
    ]
    tickets = [
        {
            "number": numbers[item.cell.id],
            "problems": [_problem(finding) for finding in item.findings[:_MAX_FINDINGS]],
            "error": last_lines(item.error),
        }
        for item in broken
    ]
    rewrite = [str(numbers[item.cell.id]) for item in broken]
    own = own or Own()
    rules = neutralise(own.rules).strip()
    lines, _ = variable_lines(own.variables, task)
    return (templates or built_in()).render(
        "repair",
        task=neutralise(task).strip(),
        above=[neutralise(cell) for cell in above],
        cells=shown,
        tickets=tickets,
        numbers=f"cell {rewrite[0]}" if len(rewrite) == 1 else f"cells {', '.join(rewrite)}",
        rules=rules,
        variables=lines,
        marker=marker_for(task, rules, repr(shown), repr(tickets), *lines, *above),
    )


def _problem(finding: Finding) -> str:
    place = f"line {finding.line}: " if finding.line else ""
    problem = f"{place}{one_line(finding.message)}"
    if finding.suggestions:
        problem += f" Use instead: {'; '.join(map(one_line, finding.suggestions[:_MAX_SUGGESTIONS]))}."
    if finding.evidence:
        problem += f" Installed: {'; '.join(map(one_line, finding.evidence[:_MAX_SUGGESTIONS]))}."
    return problem
