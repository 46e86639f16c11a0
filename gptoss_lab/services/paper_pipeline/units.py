"""Units: what the paper requires and claims, part by part, each bound to words that stand there."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from functools import partial

from gptoss_lab.errors import PromptTooLongError
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.events import Event, Progress, Stage, Warn
from gptoss_lab.schemas.papers import Candidate
from gptoss_lab.services.owners import OWNER
from gptoss_lab.services.paper_pipeline.claims_model import fresh
from gptoss_lab.services.paper_pipeline.modelled_asking import Reply, ask
from gptoss_lab.services.paper_pipeline.modelled_work import Work
from gptoss_lab.services.paper_pipeline.units_parts import MAX_PARTS, Part, parts_of, relevant
from gptoss_lab.services.paper_pipeline.units_printed import printed_units
from gptoss_lab.services.paper_pipeline.units_read import (
    TOO_MANY,
    TWICE,
    Found,
    is_known,
    loose_units,
    read_units,
)
from gptoss_lab.services.streams import closing

MAX_UNITS = 160
MAX_CLAIMS = 80
MAX_KEPT = 256
_EFFORT: Effort = "medium"


class Readings:
    """What was read of parts of papers, so that a second request with a scope needs not ask again.

    The same part, model and wording have the same key, for one person; the oldest is forgotten.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Found] = OrderedDict()

    def get(self, key: Hashable) -> Found | None:
        """Return what was read."""
        return self._kept.get(key)

    def keep(self, key: Hashable, found: Found) -> None:
        """Remember what was read."""
        self._kept[key] = found
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


READINGS = Readings()
"""One for the process: a job lives shorter than the question of a person who chooses a scope."""


async def read_paper(work: Work) -> AsyncIterator[Event]:
    """Tell units and claims as they are found.

    Raises:
        EngineError: The model service failed.
        PromptTooLongError: Even one block does not fit into the server's window.
    """
    yield Stage(stage="units")
    parts = await asyncio.to_thread(_wanted, work)
    if len(parts) > MAX_PARTS:
        yield Warn(
            message=f"The paper is long: {MAX_PARTS} of {len(parts)} parts of it are read for requirements.",
            hint="Choose a scope: then the parts that it needs are read.",
        )
        parts = parts[:MAX_PARTS]
    queue, done = list(parts), 0
    while queue:
        part = queue.pop(0)
        yield Progress(stage="units", message=_reading(part), done=done, total=done + len(queue) + 1)
        try:
            async with closing(_read(work, part)) as events:
                async for event in events:
                    yield event
        except PromptTooLongError:
            # The server has just told a window that no list of models did.
            halves = part.halves()
            if len(halves) == 1:
                raise
            queue = [*halves, *queue]
        else:
            done += 1
    for event in (*_printed(work), *_told(work)):
        yield event


def scope_of(work: Work) -> list[Candidate]:
    """Return the candidates that are implemented."""
    return [candidate for candidate in work.run.candidates if candidate.id in work.run.scope]


def _wanted(work: Work) -> list[Part]:
    room = work.room(work.effort(_EFFORT), work.prompts.units([]))
    parts = parts_of(work.run.paper, room, work.counter())
    return relevant(parts, scope_of(work))


async def _read(work: Work, part: Part) -> AsyncIterator[Event]:
    effort = work.effort(_EFFORT)
    messages = await asyncio.to_thread(work.prompts.units, part.entries())
    key = _key(work, effort, part)
    found = READINGS.get(key)
    if found is None:
        reply: Reply[Found] = Reply()
        read = partial(read_units, blocks=part.blocks, labels=part.labels())
        async with closing(ask(work, messages, effort, read, reply)) as events:
            async for event in events:
                yield event
        found = reply.value
        if found is None:
            found = await asyncio.to_thread(loose_units, reply.text, part.blocks, part.labels())
            for warning in work.run.run.once(_unreadable(reply.problem)):
                yield warning
        else:
            READINGS.keep(key, found)
    for event in _taken(work, found):
        yield event


def _key(work: Work, effort: Effort, part: Part) -> Hashable:
    own = work.run.run
    text = "\0".join(f"{block.id}\0{block.text}\0{block.latex}\0{block.rows}" for block in part.blocks)
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    version = work.model.wording.templates.version
    return OWNER.get(), own.generator.model, version, own.request.task, work.language, effort, digest


def _taken(work: Work, found: Found) -> list[Event]:
    """Tell what is new, and count what is not taken."""
    events: list[Event] = []
    for reason, count in found.dropped.items():
        work.unread[reason] = work.unread.get(reason, 0) + count
    for unit in found.units:
        reason = TWICE if is_known(unit, work.units) else TOO_MANY if len(work.units) >= MAX_UNITS else ""
        if reason:
            work.unread[reason] = work.unread.get(reason, 0) + 1
        else:
            name = fresh(unit.id, [other.id for other in work.units])
            events.append(work.tell_unit(unit.model_copy(update={"id": name})))
    told = {(claim.block, claim.printed, claim.metric.casefold()) for claim in work.claims}
    for claim in found.claims:
        if (claim.block, claim.printed, claim.metric.casefold()) in told:
            continue
        if len(work.claims) >= MAX_CLAIMS:
            work.unread[TOO_MANY] = work.unread.get(TOO_MANY, 0) + 1
        else:
            events.append(work.tell_claim(claim))
    known = {named.name.casefold() for named in work.named}
    work.named += [named for named in found.data if named.name.casefold() not in known]
    return events


def _printed(work: Work) -> list[Event]:
    """Tell the algorithms and equations of the scope that no unit was read of."""
    missing = printed_units(work.run.paper, scope_of(work), work.units)
    if work.run.ask.read_only or not missing:
        return []
    return [work.tell_unit(unit) for unit in missing]


def _reading(part: Part) -> str:
    section = part.blocks[0].place.section
    return f"reading “{section[0][:80]}”" if section else "reading the paper"


def _unreadable(problem: str) -> Warn:
    return Warn(
        message=f"The model did not answer in the form that was asked for ({problem[:120]}); what its quotes "
        "prove is kept.",
        hint="A larger model, or a higher effort, finds more.",
    )


def _told(work: Work) -> list[Event]:
    """Return what to say of that which was not taken."""
    dropped = {reason: count for reason, count in work.unread.items() if reason != TWICE}
    if not dropped:
        return []
    total = sum(dropped.values())
    why = "; ".join(f"{count}: {reason}" for reason, count in dropped.items())
    what = "1 requirement or number" if total == 1 else f"{total} requirements or numbers"
    return [Warn(message=f"{what} of the model's answers were left out ({why}).")]
