"""Of the printed code, what is in the scope, and what it needs of the code before it."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_judge import Program
from gptoss_lab.services.paper_pipeline.run import PaperRun


def within_scope(
    run: PaperRun, listings: Sequence[Listing], program: Program
) -> tuple[list[Listing], Program, list[str]]:
    """Return the commands of the chosen parts with what they build on, and what was left out in words.

    Later commands may use whatever an earlier one made; to leave one of these out is never safe, so that
    everything that runs before the last chosen command stays.
    """
    chosen = _blocks(run)
    if chosen is None:
        return list(listings), program, []
    last = max((place for place, one in enumerate(program.judged) if one.listing.block in chosen), default=-1)
    kept = [
        one
        for place, one in enumerate(program.judged)
        if place <= last and (one.reason is None or one.listing.block in chosen)
    ]
    count = len(program.judged) - len(kept)
    program.judged = kept
    names = {one.listing.id for one in kept}
    shown = [one for one in listings if one.id in names or (not one.source and one.block in chosen)]
    commands = "command that the paper prints is" if count == 1 else "commands that the paper prints are"
    return shown, program, [f"{count} {commands} outside the scope."] if count else []


def _blocks(run: PaperRun) -> frozenset[str] | None:
    """Return the blocks of the parts that a person chose; None where they chose none."""
    if not run.ask.scope:
        return None
    chosen = [candidate for candidate in run.candidates if candidate.id in run.scope]
    named = {block for candidate in chosen for block in candidate.blocks}
    sections = {block.place.section[:1] for block in run.paper.blocks if block.id in named}
    return frozenset(
        block.id
        for block in run.paper.blocks
        if block.id in named or (block.kind == "output" and block.place.section[:1] in sections)
    )
