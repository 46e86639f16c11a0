"""Plan: the data, the values that the cells share, and one cell for each unit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from gptoss_lab.drafts.cells import CellIds
from gptoss_lab.errors import PromptTooLongError, SandboxError
from gptoss_lab.papers.candidates import where
from gptoss_lab.prompts.budget import fitting
from gptoss_lab.prompts.paper import Entry, PlanQuestion
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.events import Event, Stage, Warn
from gptoss_lab.schemas.papers import Claim, Unit
from gptoss_lab.services.paper_pipeline.modelled_asking import Reply, ask
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.plan_fallback import plan_in_order
from gptoss_lab.services.paper_pipeline.plan_made import made_plan, own_cells
from gptoss_lab.services.paper_pipeline.plan_read import RawPlan, read_plan
from gptoss_lab.services.paper_pipeline.units import scope_of
from gptoss_lab.services.paper_pipeline.units_parts import shown, title_of
from gptoss_lab.services.streams import closing

MAX_CELLS = 16
MAX_PLANNED_UNITS = 80
MAX_PLANNED_CLAIMS = 40
_ENTRY_TOKENS = 40
_LINES_SHARE = 0.7
_EFFORT: Effort = "high"
_BARE = PlanQuestion("", (), (), (), (), (), MAX_CELLS)
_BEYOND = "There are more requirements than one notebook can hold; choose a smaller scope."


async def make_plan(work: Work) -> AsyncIterator[Event]:
    """Make the plan and tell the units with their cells; where no answer is a sound plan, without a model.

    Raises:
        EngineError: The model service failed.
    """
    yield Stage(stage="plan")
    units, claims = labelled_units(work), labelled_claims(work)
    if not units and not claims:
        return
    wanted = work.run.run.request.max_cells
    most = min(wanted - own_cells(work.data, claims), MAX_CELLS) if wanted else MAX_CELLS
    if most < 1:
        yield Warn(
            message=f"A notebook of this paper has more than {wanted} cells.",
            hint="Allow more cells, or choose a smaller scope.",
        )
        most = 1
    reply: Reply[RawPlan] = Reply()
    read = partial(read_plan, units=units, claims=tuple(claims), max_cells=most)
    effort = work.effort(_EFFORT)
    messages = await asyncio.to_thread(
        lambda: work.prompts.plan(
            _question(work, units, claims, most, work.room(effort, work.prompts.plan(_BARE)))
        )
    )
    with suppress(PromptTooLongError):
        async with closing(ask(work, messages, effort, read, reply)) as events:
            async for event in events:
                yield event
    raw = reply.value
    if raw is None:
        yield Warn(
            message=f"The model made no sound plan ({(reply.problem or 'its prompt is too long')[:200]}); "
            "the requirements are taken in the order of the paper.",
            hint="A larger model, a higher effort or a smaller scope gives a better plan.",
        )
        raw = plan_in_order(units, tuple(claims), most)
    work.plan = made_plan(raw, units, claims, work.data, CellIds(), wanted)
    for event in _told(work, units):
        yield event


def labelled_units(work: Work) -> dict[str, Unit]:
    """Return the units that are planned, by short labels, in the order of the paper."""
    order = {block.id: place for place, block in enumerate(work.run.paper.blocks)}
    units = sorted(work.units, key=lambda unit: order.get(unit.block, 0))[:MAX_PLANNED_UNITS]
    return {f"u{number}": unit for number, unit in enumerate(units, start=1)}


def labelled_claims(work: Work) -> dict[str, Claim]:
    """Return the claims that are planned, by the short labels under which cells store their numbers."""
    return {f"c{number}": claim for number, claim in enumerate(work.claims[:MAX_PLANNED_CLAIMS], start=1)}


def claim_line(label: str, claim: Claim) -> str:
    """Return what a claim measures, without its number: who writes the cells must compute it."""
    facts = [f"on {claim.dataset}" if claim.dataset else "", f"in {claim.unit}" if claim.unit else ""]
    return " ".join(filter(None, (f"{label}: {claim.metric}", *facts, f"({where(claim.place)})")))


def _question(
    work: Work, units: Mapping[str, Unit], claims: Mapping[str, Claim], most: int, room: int
) -> PlanQuestion:
    counter = work.counter()
    lines = [_unit_line(label, unit) for label, unit in units.items()]
    kept, used = fitting(lines, lambda line: counter.text(line, "prose"), int(room * _LINES_SHARE))
    numbers = [claim_line(label, claim) for label, claim in claims.items()]
    numbers, more = fitting(numbers, lambda line: counter.text(line, "prose"), room - used)
    entries = [
        Entry("", title_of(block), shown(block))
        for candidate in scope_of(work)
        for identifier in candidate.blocks
        if (block := work.block(identifier)) is not None
    ]
    passages, _ = fitting(
        entries, lambda entry: counter.text(entry.text, "prose") + _ENTRY_TOKENS, room - used - more
    )
    paper, packages = work.run.paper, work.run.run.packages
    data = [choice.told for choice in work.data]
    if packages:
        data.append(f"installed: {', '.join(sorted(packages)[:80])}")
    scope = [candidate.title for candidate in scope_of(work)]
    return PlanQuestion(paper.title or paper.uri, scope, kept, numbers, passages, data, most)


def _unit_line(label: str, unit: Unit) -> str:
    state = f" [{unit.status}]" if unit.status != "supported" else ""
    answer = f" Answer of a person: {unit.answer}" if unit.answer else ""
    asked = f" Open question: {unit.question}" if unit.question and not unit.answer else ""
    return f"{label}{state}: {unit.statement} “{unit.quote[:300]}” ({where(unit.place)}){asked}{answer}"


def _told(work: Work, units: Mapping[str, Unit]) -> list[Event]:
    """Tell who owns each unit, what is assumed, and which cell computes each claim."""
    plan = work.plan
    if plan is None:
        return []
    events: list[Event] = []
    owners = {unit: cell.id for cell in plan.cells for unit in cell.units}
    planned = {unit.id for unit in units.values()}
    for unit in work.units:
        changes: dict[str, object] = {"owner": owners.get(unit.id, "")}
        if unit.id not in planned:
            changes |= {"verdict": "not_implemented", "note": _BEYOND}
        elif unit.id in plan.dropped:
            changes |= {"verdict": "not_implemented", "note": plan.dropped[unit.id]}
        if unit.status == "unresolved" and not unit.answer:
            assumed = plan.assumed.get(unit.id, "").rstrip(". ") or "what the cell that implements it takes"
            changes["answer"] = f"Assumed: {assumed}."
            work.run.assumptions = (
                *work.run.assumptions,
                f"{unit.question} Nobody was asked; assumed: {assumed}.",
            )
        events.append(work.tell_unit(unit.model_copy(update=changes)))
    computed = {claim: cell.id for cell in plan.cells for claim in cell.claims}
    events += [
        work.tell_claim(claim.model_copy(update={"cell": computed[claim.id]}))
        for claim in work.claims
        if claim.id in computed
    ]
    work.run.config = plan.config
    work.run.assumptions = (*work.run.assumptions, *_assumed_values(work))
    return [*events, work.run.tell()]


def _assumed_values(work: Work) -> Sequence[str]:
    return [
        f"The paper does not state {value.name}; {value.value} was taken."
        for value in work.run.config
        if value.assumed
    ]


async def packages_of(work: Work) -> None:
    """Note what the sandbox holds; the checks ask again where it does not say so now."""
    own = work.run.run
    if own.has_sandbox and not own.packages:
        with suppress(SandboxError):
            own.packages = await own.executor.packages(work.language)
