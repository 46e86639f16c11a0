"""Documentation of another version than the installed one: the installed package goes before it."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from gptoss_lab.checks.documented import (
    Documented,
    Installed,
    documented_answer,
    documented_payload,
    documented_script,
)
from gptoss_lab.documents.versions import parameter_successor, parameters, same_version, successors
from gptoss_lab.errors import DocumentError, QuotaError, SandboxError
from gptoss_lab.schemas.documents import ApiDifference, ApiSymbol, CorpusInfo, DocQuery, DocSource, Example
from gptoss_lab.schemas.events import Event, Progress, VersionGapEvent, Warn
from gptoss_lab.services.pipeline.gap import Gap, put_back, sentence
from gptoss_lab.services.pipeline.run import Run

MAX_NAMES = 200
_MAX_DIFFERENCES = 40
_NEAR_CUTOFF = 0.75
_TIMEOUT_S = 60.0


async def installed_first(run: Run) -> AsyncIterator[Event]:
    """Add the installed package where documentation is of another version of it, and note the gap.

    Raises:
        StorageError: The disk is full.
    """
    dated = {info.id: info for info in run.infos if info.kind != "package" and info.version}
    if not dated or run.request.language != "python":
        return
    for corpus, package in (await run.corpora.documented(list(dated))).items():
        installed = await run.corpora.installed_version(package)
        documented = dated[corpus].version
        if not installed or same_version(documented, installed):
            continue
        yield Progress(stage="retrieve", message=f"reading the installed {package} {installed}")
        own = await _own(run, package)
        gap = Gap(corpus, dated[corpus].title, package, documented, installed, own.id if own else "")
        run.gaps = (*run.gaps, gap)
        if own is not None and own.id not in run.ids:
            run.infos = (*run.infos, own)


async def _own(run: Run, package: str) -> CorpusInfo | None:
    try:
        return await run.corpora.ensure(DocSource(kind="package", uri=package))
    except (DocumentError, QuotaError):
        return None  # it has no API that can be read, or there is no room: the gap is told all the same


async def compared(run: Run, query: DocQuery, examples: Sequence[Example]) -> list[Example]:
    """Note in the gaps what is gone of what the task may need; return the examples that work first.

    All names are asked for in one call of the sandbox; where there is none, the index of the installed
    package answers.

    Raises:
        DocumentError: An index is damaged.
    """
    run.gaps = tuple([await _compared(run, gap, query, examples) for gap in run.gaps])
    return put_back(examples, run.gaps)


def banners(run: Run) -> list[Event]:
    """Return for each gap what the person must know: both versions, and what is gone of what was found."""
    events: list[Event] = []
    for gap in run.gaps:
        first = "What is installed goes before it." if gap.own else f"Give that of {gap.installed}."
        hint = f"{first} {sentence(gap.differences)}".strip()
        events += [VersionGapEvent(gap=gap.wire()), Warn(message=gap.message, hint=hint)]
    return events


async def _compared(run: Run, gap: Gap, query: DocQuery, examples: Sequence[Example]) -> Gap:
    found = await run.corpora.search([gap.corpus], query)
    shown = [name for passage in found if passage.kind == "symbol" for name in passage.symbols[:1]]
    used = [name for example in examples for name in example.symbols]
    # What the task names comes first, so that it is told where not all can be.
    names = list(dict.fromkeys((*query.symbols, *shown, *used)))[:MAX_NAMES]
    old = [
        symbol
        for symbol in await run.corpora.symbols([gap.corpus], names)
        if symbol.qualname.startswith(f"{gap.package}.") and symbol.kind != "module"
    ]
    texts = await run.corpora.texts([gap.corpus], [symbol.qualname for symbol in old])
    documented = {
        symbol.qualname: Documented(
            parameters(symbol.signature) or (), successors(texts.get(symbol.qualname, ""), symbol.qualname)
        )
        for symbol in old
    }
    installed = await _installed(run, gap, documented)
    differences = await asyncio.to_thread(_differences, documented, installed, texts, query.text)
    return replace(gap, differences=tuple(differences[:_MAX_DIFFERENCES]))


async def _installed(run: Run, gap: Gap, documented: Mapping[str, Documented]) -> dict[str, Installed]:
    """Ask the sandbox what is there; where it does not say, the index of the installed package."""
    if not documented:
        return {}
    found: dict[str, Installed] = {}
    if run.has_sandbox and not run.is_preview:
        try:
            payload, script = documented_payload(documented), documented_script()
            answer = await run.executor.inspect("python", script, payload, timeout_s=_TIMEOUT_S)
            found = documented_answer(answer, documented)
        except SandboxError:
            found = {}  # the index tells nearly the same, and the check of the cells will say what failed
    left = {name: told for name, told in documented.items() if name not in found}
    return {**found, **(await _indexed(run, gap, left) if gap.own and left else {})}


async def _indexed(run: Run, gap: Gap, documented: Mapping[str, Documented]) -> dict[str, Installed]:
    asked = [*documented, *(name for told in documented.values() for name in told.instead)]
    there: dict[str, ApiSymbol] = {}
    for name in asked:
        for symbol in (await run.corpora.symbols([gap.own], [name]))[:1]:
            there[name] = symbol
    found: dict[str, Installed] = {}
    for name, told in documented.items():
        if name in there:
            after = parameters(there[name].signature)
            lost = [each for each in told.parameters if after is not None and each not in after]
            found[name] = Installed(exists=True, lost=tuple(each for each in lost if each != "self"))
            continue
        stated = next((entry for entry in told.instead if entry in there), "")
        near = difflib.get_close_matches(name, [*there], n=1, cutoff=_NEAR_CUTOFF)
        found[name] = Installed(exists=False, instead=stated or next(iter(near), ""), sure=bool(stated))
    return found


def _differences(
    documented: Mapping[str, Documented],
    installed: Mapping[str, Installed],
    texts: Mapping[str, str],
    task: str,
) -> list[ApiDifference]:
    """Return what is gone, the parameters that the task speaks of before others."""
    found: list[ApiDifference] = []
    for name in documented:
        entry = installed.get(name)
        if entry is None:
            continue
        if not entry.exists:
            sibling = entry.sure and entry.instead.rpartition(".")[0] == name.rpartition(".")[0]
            kind: Literal["renamed", "removed"] = "renamed" if sibling else "removed"
            found.append(ApiDifference(name=name, kind=kind, instead=entry.instead, sure=entry.sure))
        for lost in sorted(entry.lost, key=lambda each: each not in task):
            instead = parameter_successor(texts.get(name, ""), lost)
            found.append(ApiDifference(name=name, kind="parameter", parameter=lost, instead=instead))
    return found
