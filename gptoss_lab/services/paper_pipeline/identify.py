"""Identify: what of a paper could be implemented, and what of it is meant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from gptoss_lab.errors import RequestError
from gptoss_lab.papers.candidates import candidates_of, likeliest
from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.papers import Candidate
from gptoss_lab.services.paper_pipeline.run import PaperRun

MAX_NAMED = 8
MAX_TITLE_CHARS = 80


async def identify(run: PaperRun) -> AsyncIterator[Event]:
    """Rank the candidates, and take those that were asked for into the scope.

    Where nobody chose, a model implements the likeliest, and without one all printed code is taken.

    Raises:
        RequestError: The scope names what the paper does not have.
    """
    run.candidates = await asyncio.to_thread(candidates_of, run.paper)
    run.scope = chosen(run.ask.scope, run.candidates)
    if not run.scope and not run.ask.read_only:
        _choose(run)
    yield run.tell()


def _choose(run: PaperRun) -> None:
    if run.run.generator.name != "model":
        run.scope = tuple(candidate.id for candidate in run.candidates if candidate.kind == "code")
        return
    taken = likeliest(run.candidates)
    run.scope = tuple(candidate.id for candidate in taken)
    if taken:
        titles = "; ".join(candidate.title[:MAX_TITLE_CHARS] for candidate in taken)
        run.assumptions = (*run.assumptions, f"Nobody chose what to implement, so this was taken: {titles}.")


def chosen(asked: Sequence[str], candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the ids of the candidates that a person names by id or by title.

    Raises:
        RequestError: There is no such candidate, or several have that title.
    """
    return tuple(dict.fromkeys(_one(name, candidates) for name in asked))


def _one(name: str, candidates: Sequence[Candidate]) -> str:
    wanted = " ".join(name.split()).casefold()
    titles = {candidate.id: " ".join(candidate.title.split()).casefold() for candidate in candidates}
    if name in titles:
        return name
    for found in (
        [key for key, title in titles.items() if title == wanted],
        [key for key, title in titles.items() if wanted and wanted in title],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise RequestError(
                f"“{name[:MAX_TITLE_CHARS]}” is in the title of several parts of the paper.",
                hint=f"Name one by its id: {', '.join(found[:MAX_NAMED])}.",
            )
    there = [f"{candidate.id} ({candidate.title[:MAX_TITLE_CHARS]})" for candidate in candidates[:MAX_NAMED]]
    raise RequestError(
        f"The paper has no part “{name[:MAX_TITLE_CHARS]}”.",
        hint=f"It has: {'; '.join(there)}." if there else "Leave the scope out.",
    )
