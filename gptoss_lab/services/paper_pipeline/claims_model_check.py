"""Compare what the cells computed with what the paper prints. What agrees is told; nothing is presumed."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from gptoss_lab.schemas.events import Event, Stage
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.papers import Claim, ClaimState
from gptoss_lab.services.paper_pipeline.claims_model_honest import written_down
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.plan_parts import Plan
from gptoss_lab.services.paper_pipeline.write import stood_in
from gptoss_lab.services.paper_pipeline.write_own import TOKEN
from gptoss_lab.services.pipeline.run import ran

_SLACK = 1e-9  # of binary fractions, not of the paper


@dataclass(frozen=True, slots=True)
class Computed:
    """What the cell of the claims printed.

    Attributes:
        values: A number by its label; one that is no finite number is left out.
        reason: Why there are none.
    """

    values: Mapping[str, float]
    reason: str = ""


async def check_claims(work: Work) -> AsyncIterator[Event]:
    """Settle every claim of the plan from the output of the cell that computes none and invents none."""
    plan = work.plan
    if plan is None or not work.claims:
        return
    yield Stage(stage="claims")
    cells = {cell.id: cell for cell in work.run.run.sheet.code()}
    computed = _computed(work, plan, cells)
    touched = stood_in(work, plan)
    for claim in work.claims:
        marked = claim.model_copy(update={"stand_in": claim.stand_in or claim.cell in touched})
        settled = _settled(work, plan, marked, computed, cells)
        if settled != claim:
            yield work.tell_claim(settled)


def computed_values(verification: CellVerification) -> dict[str, float]:
    """Return the numbers of our own line on standard output; what is no finite number is left out."""
    text = "".join(
        str(output.get("text", ""))
        for output in verification.outputs
        if output.get("output_type") == "stream" and output.get("name") == "stdout"
    )
    lines = [line for line in text.splitlines() if line.startswith(f"{TOKEN} {{")]
    if not lines:
        return {}
    try:
        told = json.loads(lines[-1][len(TOKEN) :])
    except (ValueError, RecursionError):
        return {}
    return dict(_numbers(told)) if isinstance(told, dict) else {}


def compared(claim: Claim, value: float) -> Claim:
    """Return a claim with what was computed for it, and whether the two agree."""
    words = claim.reason.removesuffix(".") or "Tolerance: half of the last printed digit"
    agrees = abs(value - claim.value) <= claim.tolerance + _SLACK * max(1.0, abs(claim.value))
    if claim.stand_in:
        reason = "It was computed from data that stand in for the paper's, so that nothing is verified."
        return claim.model_copy(update={"computed": value, "state": "not_checkable", "reason": reason})
    state: ClaimState = "verified" if agrees else "differs"
    reason = f"{words}: {claim.tolerance:.6g}."
    return claim.model_copy(update={"computed": value, "state": state, "reason": reason})


def _numbers(told: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for name, value in told.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                continue
            if math.isfinite(number):
                yield name, number


def _computed(work: Work, plan: Plan, cells: Mapping[str, GeneratedCell]) -> Computed:
    checking = next((cell for cell in plan.cells if cell.role == "claims"), None)
    cell = cells.get(checking.id) if checking else None
    if not work.run.run.request.verify:
        return Computed({}, "The cells were not run, as that was not wanted.")
    if not work.run.run.has_sandbox:
        return Computed({}, "The cells were not run: no sandbox answers here.")
    if cell is None or cell.verification is None:
        return Computed({}, "The cell that compares the claims was not run.")
    if not ran(cell.verification):
        return Computed({}, _failure(work, cells))
    return Computed(computed_values(cell.verification))


def _failure(work: Work, cells: Mapping[str, GeneratedCell]) -> str:
    """Return which cell keeps the claims from being computed, and the last line of its error."""
    live = [choice.variable for choice in work.data if choice.origin == "variable"]
    for cell in cells.values():
        if cell.verification is None or cell.verification.status in {"ok", "skipped"}:
            continue
        lines = cell.verification.error.strip().splitlines()
        last = lines[-1][:200] if lines else cell.verification.status
        if any(name in last for name in live):
            return f"It needs {', '.join(live)} of the notebook's kernel, which the sandbox does not hold."
        return f"A cell before it failed: {last}"
    return "The cells did not come to it."


def _settled(
    work: Work, plan: Plan, claim: Claim, computed: Computed, cells: Mapping[str, GeneratedCell]
) -> Claim:
    label = plan.labels.get(claim.id, "")
    if claim.cell not in cells or not label:
        reason = claim.reason if claim.reason and not claim.cell else "No cell of the plan computes it."
        reason = "No cell of the plan computes it." if reason.startswith("Tolerance") else reason
        return claim.model_copy(update={"state": "not_run", "reason": reason, "cell": ""})
    if computed.reason:
        return claim.model_copy(update={"state": "not_run", "reason": computed.reason})
    if label not in computed.values:
        reason = "The cell computes no finite number for it."
        return claim.model_copy(update={"state": "not_checkable", "reason": reason})
    value = computed.values[label]
    sources = [cells[cell.id].source for cell in plan.cells if cell.id in cells and not cell.is_own]
    given = [one.name for one in plan.config]
    why = written_down(claim, label, sources, work.language, given)
    if why:
        return claim.model_copy(update={"computed": value, "state": "not_checkable", "reason": why})
    return compared(claim, value)
