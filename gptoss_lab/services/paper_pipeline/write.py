"""Write: the cells of a plan one after the other, each from its units and the names of those above."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress

from gptoss_lab.errors import DocumentError, TooLargeError
from gptoss_lab.prompts.budget import fitting
from gptoss_lab.prompts.layout import label_of
from gptoss_lab.prompts.paper import CellQuestion, Entry, Messages
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.documents import Citation, DocQuery, Passage
from gptoss_lab.schemas.events import CellClose, CellOpen, Event, Progress, Stage, Warn
from gptoss_lab.schemas.papers import Claim, Unit
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.paper_pipeline.datasets_stand_in import labelled, touched
from gptoss_lab.services.paper_pipeline.front import FIRST_INDEX
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.plan import claim_line
from gptoss_lab.services.paper_pipeline.plan_parts import Plan, PlannedCell
from gptoss_lab.services.paper_pipeline.units_parts import title_of
from gptoss_lab.services.paper_pipeline.write_cell import OneCell
from gptoss_lab.services.paper_pipeline.write_interfaces import interface_of
from gptoss_lab.services.paper_pipeline.write_own import check_source, config_source, load_source
from gptoss_lab.services.paper_pipeline.write_text import citations_of, step_text
from gptoss_lab.services.pipeline.draft import written
from gptoss_lab.services.pipeline.retrieve import named_symbols
from gptoss_lab.services.streams import closing

_EFFORT: Effort = "medium"
_ENTRY_TOKENS = 40
_ABOVE_SHARE = 0.25
_DOCUMENTS_SHARE = 0.4
_SHORT = 2
_NOT_WRITTEN = "The model wrote no cell for it."


async def write(work: Work) -> AsyncIterator[Event]:
    """Write all cells of the plan.

    Raises:
        EngineError: The model service failed; cells closed before stay valid.
        StorageError: An index cannot be read.
    """
    plan = work.plan
    if plan is None:
        yield Warn(
            message="Nothing of the paper could be turned into cells.",
            hint="Choose another scope, or a larger model.",
        )
        return
    yield Stage(stage="stream", detail=f"{len(plan.cells)} cells")
    for number, planned in enumerate(plan.cells):
        yield Progress(stage="stream", message=planned.what[:120], done=number, total=len(plan.cells))
        async with closing(_cell(work, plan, planned, FIRST_INDEX + 2 * number)) as events:
            async for event in events:
                yield event
    for event in _labels(work, plan):
        yield event


async def _cell(work: Work, plan: Plan, planned: PlannedCell, index: int) -> AsyncIterator[Event]:
    text = CellOpen(cell=f"{planned.id}-text", index=index, kind="markdown", language=work.language)
    code = CellOpen(cell=planned.id, index=index + 1, kind="code", language=work.language)
    for event in _explained(work, planned, text):
        yield event
    if planned.is_own:
        for event in _own(work, plan, planned, code):
            yield event
        return
    async with closing(_asked(work, plan, planned, code)) as events:
        async for event in events:
            yield event
    # What the answer left open is no cell.
    for close in work.run.run.sheet.abandon():
        yield work.run.apply(close)
    if planned.id not in {cell.id for cell in work.run.run.sheet.cells()}:
        yield work.run.apply(CellClose(cell=text.cell, source=""))
        for event in _lost(work, planned):
            yield event


def _explained(work: Work, planned: PlannedCell, opened: CellOpen) -> list[Event]:
    units = _units(work, planned)
    source = step_text(
        planned.what, units, _claims(work, planned), work.run.paper, work.run.run.request.context.path
    )
    return [work.run.apply(opened), work.run.apply(CellClose(cell=opened.cell, source=source))]


def _own(work: Work, plan: Plan, planned: PlannedCell, opened: CellOpen) -> list[Event]:
    if planned.loads:
        source = load_source(work.data)
    elif planned.role == "config":
        source = config_source(plan.config, work.language)
    else:
        source = check_source(work.claims, plan.labels, work.language)
    places = [unit.place for unit in _units(work, planned)]
    places += [value.place for value in plan.config if value.place and planned.role == "config"]
    sources = citations_of(work.run.paper, places)
    close = CellClose(cell=opened.cell, source=source, sources=sources, units=planned.units)
    return [work.run.apply(opened), work.run.apply(close)]


async def _asked(work: Work, plan: Plan, planned: PlannedCell, opened: CellOpen) -> AsyncIterator[Event]:
    passages = await _documentation(work, planned)
    effort = work.effort(_EFFORT)
    bare = work.prompts.cell(CellQuestion(planned.role, planned.what, (), makes=planned.makes))
    room = work.room(effort, bare)
    messages = await asyncio.to_thread(_question, work, plan, planned, passages, room)
    places = [unit.place for unit in _units(work, planned)]
    places += [claim.place for claim in _claims(work, planned)]
    sources = citations_of(work.run.paper, places)
    cited: Mapping[str, Citation] = {label_of(one.id): one.citation for one in passages}

    def listen() -> Answer:
        return Answer(OneCell(opened, sources, planned.units, cited))

    own = work.run.run
    answer = work.model.converse(messages, effort, own.request.seed, listen)
    try:
        async with closing(written(own, answer)) as events:
            async for event in events:
                for told in own.once(event) if isinstance(event, Warn) else [event]:
                    yield told
    except TooLargeError as error:
        for told in own.once(Warn(message=f"A cell could not be written: {error.message}", hint=error.hint)):
            yield told


async def _documentation(work: Work, planned: PlannedCell) -> list[Passage]:
    """Return what the given documentation says of a step."""
    own = work.run.run
    if not own.ids or planned.role == "tests":
        return []
    statements = " ".join(unit.statement for unit in _units(work, planned))
    text = f"{planned.what} {statements}"[:2000]
    query = DocQuery(text=text, language=work.language, symbols=named_symbols(f"{own.request.task} {text}"))
    with suppress(DocumentError):
        return await own.corpora.search(own.ids, query)
    return []


def _question(
    work: Work, plan: Plan, planned: PlannedCell, passages: Sequence[Passage], room: int
) -> Messages:
    counter = work.counter()

    def cost(entry: Entry) -> int:
        return counter.text(f"{entry.title}{entry.text}", "prose") + _ENTRY_TOKENS

    units = _units(work, planned) if planned.role != "tests" else _tested(work)
    entries, used = fitting([unit_entry(work, unit) for unit in units], cost, room)
    lines = _above(work)
    above, more = fitting(lines[::-1], counter.text, int((room - used) * _ABOVE_SHARE))
    found = [Entry(label_of(one.id), one.title, one.text) for one in passages]
    documents, _ = fitting(found, cost, int((room - used - more) * _DOCUMENTS_SHARE))
    claims = [claim_line(plan.labels[claim.id], claim) for claim in _claims(work, planned)]
    data = [f"{choice.told} Its name is `{choice.variable}`." for choice in work.data]
    question = CellQuestion(
        role=planned.role,
        what=planned.what,
        entries=entries,
        documents=documents,
        above=above[::-1],
        claims=claims,
        data=data,
        makes=planned.makes,
    )
    return work.prompts.cell(question)


def unit_entry(work: Work, unit: Unit) -> Entry:
    """Return a unit as a prompt has it: its words, and the block around short ones; no printed results."""
    block = work.block(unit.block)
    text = f"{unit.statement}\n“{unit.quote}”"
    if unit.answer:
        text += f"\n{unit.question} {unit.answer}"
    symbols = "; ".join(f"{one.symbol}: {one.meaning}" for one in block.symbols) if block else ""
    if symbols:
        text += f"\n(where {symbols})"
    title = title_of(block) if block else ""
    return Entry(unit.id, title, masked(text, work.claims, [value.value for value in work.run.config]))


def masked(text: str, claims: Sequence[Claim], given: Sequence[str] = ()) -> str:
    """Return a text without the numbers that the paper reports as results: whoever writes must compute them.

    Numbers of one or two digits stay, as do those that are values of the configuration.
    """
    for claim in claims:
        digits = sum(char.isdigit() for char in claim.printed)
        if digits > _SHORT and claim.printed not in given:
            text = re.sub(rf"(?<![\w.]){re.escape(claim.printed)}(?![\w]|\.\d)", "[number]", text)
    return text


def _above(work: Work) -> list[str]:
    cells = [*work.run.run.request.context.cells, *(cell.source for cell in work.run.run.sheet.code())]
    return [line for source in cells for line in interface_of(source, work.language)]


def _tested(work: Work) -> list[Unit]:
    return [unit for unit in work.units if unit.owner]


def _units(work: Work, planned: PlannedCell) -> list[Unit]:
    return [unit for unit in work.units if unit.id in planned.units]


def _claims(work: Work, planned: PlannedCell) -> list[Claim]:
    return [claim for claim in work.claims if claim.id in planned.claims]


def _lost(work: Work, planned: PlannedCell) -> list[Event]:
    """Tell what a cell that was not written leaves undone."""
    events = [
        work.tell_unit(
            unit.model_copy(update={"owner": "", "verdict": "not_implemented", "note": _NOT_WRITTEN})
        )
        for unit in _units(work, planned)
    ]
    events += [
        work.tell_claim(claim.model_copy(update={"cell": "", "reason": "The model wrote no cell for it."}))
        for claim in _claims(work, planned)
    ]
    return events


def stood_in(work: Work, plan: Plan) -> set[str]:
    """Return the ids of the cells that data which stand in for the paper's have touched."""
    roots = {cell.id for cell in plan.cells if cell.makes}
    if not roots:
        return set()
    cells = [(cell.id, cell.source) for cell in work.run.run.sheet.code()]
    found = touched(cells, roots, work.language)
    shows = {cell.id for cell in plan.cells if cell.role == "claims"}
    return found | shows if any(claim.cell in found for claim in work.claims) else found


def _labels(work: Work, plan: Plan) -> list[Event]:
    """Put the label of stand-in data on the cells that they touch, and tell the claims that come of them."""
    own, found = work.run.run, stood_in(work, plan)
    events: list[Event] = []
    for cell in own.sheet.code():
        if cell.id in found:
            source = labelled(cell.source, work.language)
            events += own.reclose(cell.model_copy(update={"source": source}))
    events += [
        work.tell_claim(claim.model_copy(update={"stand_in": True}))
        for claim in work.claims
        if claim.cell in found
    ]
    return events
