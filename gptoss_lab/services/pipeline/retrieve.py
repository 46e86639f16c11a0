"""Retrieve: what of the documentation the generator gets to see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Protocol, runtime_checkable

from gptoss_lab.documents.questions import libraries
from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.documents import DocQuery, Example, Passage
from gptoss_lab.schemas.events import Event, Stage
from gptoss_lab.services.edits import calls_of
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.fit import select
from gptoss_lab.services.generators.prompting import Setting
from gptoss_lab.services.pipeline.run import Run
from gptoss_lab.services.pipeline.sketch import sketch
from gptoss_lab.services.pipeline.versions import banners, compared, installed_first

EXAMPLES = 16
EXAMPLES_FOR_REST = 3
MAX_REST = 4
EXAMPLES_FOR_MODEL = 3
# A model answers in seconds, so that it may wait this long for the list of what is installed.
PACKAGES_WITHIN_S = 0.5
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|(?<=`)[A-Za-z_][\w.]*(?=[`(])|\b\w+_\w+\b")
_MAX_NAMES = 40
WHOLE_TOKENS = 8_000
WHOLE_SHARE = 0.25
# So many names of a sketch, all found for certain, need no search beside them.
_SURE_NAMES = 3


@runtime_checkable
class NamesItsModel(Protocol):
    """A generator that asks its service which model answers."""

    async def resolve(self) -> str:
        """Return the model's name.

        Raises:
            EngineError: The service failed.
        """


@runtime_checkable
class KnowsWindow(Protocol):
    """A generator that knows how much its model reads at a time."""

    def setting(self, effort: Effort) -> Setting:
        """Return what its prompts depend on now."""


async def retrieve(run: Run) -> AsyncIterator[Event]:
    """Fill the brief: examples alone for the examples generator, passages too for a model.

    Raises:
        EngineError: The model service failed.
        StorageError: An index cannot be read.
    """
    yield Stage(stage="retrieve")
    async for event in installed_first(run):
        yield event
    request, calls = run.request, calls_of(run.request)
    async for event in sketch(run, (*named_symbols(request.task), *calls)):
        yield event
    examples = await _found_examples(run, calls)
    if run.gaps:
        examples = await compared(run, _query(run, calls), examples)
        for event in banners(run):
            yield event
    if run.generator.name == "examples":
        run.brief = Brief(request, subject=_subject(run, calls), examples=examples)
        return
    # A service that offers no model, or does not answer, is told of before anything is prepared for it.
    _, passages, packages = await asyncio.gather(_resolve(run), _passages(run, calls), _packages(run))
    run.packages = packages
    shown = examples[:EXAMPLES_FOR_MODEL]
    run.brief = Brief(request, passages, shown, packages, _fingerprints(run), calls, run.above())


def named_symbols(task: str) -> tuple[str, ...]:
    """Return the names of a task that look like code: dotted, snake_case or in backticks."""
    return tuple(dict.fromkeys(_NAME.findall(task)))[:_MAX_NAMES]


def _fingerprints(run: Run) -> tuple[str, ...]:
    return tuple(sorted({f"{info.id} {info.version} {info.sha256}" for info in run.infos}))


def _subject(run: Run, calls: Sequence[str]) -> str:
    """Return what examples must be about: the task, or what a cell calls where an example of it is wanted."""
    edit = run.request.edit
    return " ".join(calls) if edit is not None and edit.kind == "example" and calls else run.request.task


async def _candidates(run: Run, calls: Sequence[str]) -> list[Example]:
    """Return examples for the whole task, then some for what the best of them leave open."""
    task, language = _subject(run, calls), run.request.language
    found = await run.corpora.examples(run.ids, task, language=language, limit=EXAMPLES)
    missing = await asyncio.to_thread(lambda: select(task, found).missing) if found else ()
    if not missing:
        return found
    asked = [
        run.corpora.examples(run.ids, word, language=language, limit=EXAMPLES_FOR_REST)
        for word in missing[:MAX_REST]
    ]
    more = {entry.id: entry for entries in await asyncio.gather(*asked) for entry in entries}
    known = {example.id for example in found}
    # A good answer to a part of the task is a small answer to the whole.
    share = 1 / (len(missing) + 1)
    rest = [entry.model_copy(update={"score": entry.score * share}) for entry in more.values()]
    return [*found, *(entry for entry in rest if entry.id not in known)]


async def _resolve(run: Run) -> None:
    if isinstance(run.generator, NamesItsModel):
        await run.generator.resolve()


async def _passages(run: Run, calls: Sequence[str]) -> list[Passage]:
    if not run.ids:
        return []
    return await run.corpora.search(run.ids, _query(run, calls))


def _query(run: Run, calls: Sequence[str]) -> DocQuery:
    request = run.request
    symbols = tuple(dict.fromkeys((*named_symbols(request.task), *calls, *run.sketched)))[:_MAX_NAMES]
    return DocQuery(
        text=_subject(run, calls),
        language=request.language,
        symbols=symbols,
        packages=tuple(sorted({*libraries("\n".join(request.context.cells)), *run.sketched_packages})),
        whole_tokens=_whole_tokens(run),
        selective=len(run.sketched) >= _SURE_NAMES,
        demoted=tuple(gap.corpus for gap in run.gaps if gap.own),
    )


def _whole_tokens(run: Run) -> int:
    """Return how small documentation must be to be sent whole: it must leave room for the notebook."""
    if not isinstance(run.generator, KnowsWindow):
        return 0
    return min(WHOLE_TOKENS, int(run.generator.setting(run.request.effort or "medium").window * WHOLE_SHARE))


async def _found_examples(run: Run, calls: Sequence[str]) -> list[Example]:
    """Return the examples that fit; some more where a gap may put the best ones back."""
    if run.generator.name == "examples":
        return await _candidates(run, calls)
    if not run.ids:
        return []
    language, subject = run.request.language, _subject(run, calls)
    limit = EXAMPLES if run.gaps else EXAMPLES_FOR_MODEL
    return await run.corpora.examples(run.ids, subject, language=language, limit=limit)


async def _packages(run: Run) -> dict[str, str]:
    """Return what the sandbox holds if it says so in time; the checks ask again."""
    if run.has_sandbox:
        with suppress(SandboxError, asyncio.TimeoutError):
            return await within(run.executor.packages(run.request.language), PACKAGES_WITHIN_S)
    return {}
