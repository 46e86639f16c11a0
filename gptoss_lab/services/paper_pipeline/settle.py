"""Settle: no claim stays open once the cells have run."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gptoss_lab.schemas.events import ClaimEvent, Event
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.schemas.papers import Claim
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.pipeline.run import ran


async def settle(run: PaperRun) -> AsyncIterator[Event]:
    """Say of each claim that nobody compared why that is so; data that stand in verify nothing."""
    cells = {cell.id: cell for cell in run.run.sheet.code()}
    for claim in run.told.claims:
        settled = settled_claim(claim, cells.get(claim.cell), verifies=run.run.verifies)
        if settled != claim:
            yield run.apply(ClaimEvent(claim=settled))


def settled_claim(claim: Claim, cell: GeneratedCell | None, *, verifies: bool) -> Claim:
    """Return a claim whose state is not open and that says only what was shown."""
    if claim.state == "verified" and claim.stand_in:
        reason = "It was computed from data that stand in for the paper's."
        return claim.model_copy(update={"state": "not_checkable", "reason": reason})
    if claim.state != "open":
        return claim
    if cell is None:
        reason = claim.reason or "No cell computes it."
        return claim.model_copy(update={"state": "not_run", "reason": reason})
    if not ran(cell.verification):
        reason = "The cell that computes it did not run well." if verifies else "The cells were not run."
        return claim.model_copy(update={"state": "not_run", "reason": reason})
    reason = claim.reason or "Nothing that the cell printed could be compared with it."
    return claim.model_copy(update={"state": "not_checkable", "reason": reason})
