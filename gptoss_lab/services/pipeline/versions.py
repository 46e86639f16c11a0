"""Documentation of another version than the installed one: the installed package goes before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from gptoss_lab.documents.versions import differences, same_version
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.documents import ApiSymbol, CorpusInfo, DocQuery, DocSource
from gptoss_lab.schemas.events import Event, Progress, Warn
from gptoss_lab.services.pipeline.gap import VersionGap
from gptoss_lab.services.pipeline.run import Run


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
        run.gaps = (*run.gaps, VersionGap(corpus, package, documented, installed, own.id if own else ""))
        if own is not None and own.id not in run.ids:
            run.infos = (*run.infos, own)


async def _own(run: Run, package: str) -> CorpusInfo | None:
    try:
        return await run.corpora.ensure(DocSource(kind="package", uri=package))
    except DocumentError:
        return None  # it has no API that can be read: the gap is told all the same


async def banners(run: Run, query: DocQuery) -> list[Event]:
    """Return for each gap what the person must know: both versions, and what is gone of what was found.

    Raises:
        DocumentError: An index is damaged.
    """
    return [await _banner(run, gap, query) for gap in run.gaps]


async def _banner(run: Run, gap: VersionGap, query: DocQuery) -> Event:
    both = f"{gap.package} {gap.documented}, but {gap.package} {gap.installed} is installed"
    message = f"The documentation is of {both}."
    if not gap.own:
        return Warn(message=message, hint=f"Give the documentation of {gap.package} {gap.installed}.")
    told = await _told(run, gap, query)
    hint = f"What is installed goes before it. {_sentence(told)}"
    return Warn(message=message, hint=hint.strip())


async def _told(run: Run, gap: VersionGap, query: DocQuery) -> list[str]:
    found = await run.corpora.search([gap.corpus], query)
    shown = [name for passage in found if passage.kind == "symbol" for name in passage.symbols[:1]]
    names = list(dict.fromkeys((*query.symbols, *shown)))
    old = [
        symbol
        for symbol in await run.corpora.symbols([gap.corpus], names)
        if symbol.qualname.startswith(f"{gap.package}.")
    ]
    qualnames = [symbol.qualname for symbol in old]
    new: dict[str, ApiSymbol] = {}
    for name in qualnames:
        for entry in (await run.corpora.symbols([gap.own], [name]))[:1]:
            new[name] = entry
    nearest = await run.corpora.search([gap.own], query)
    return differences(old, new, [name for passage in nearest for name in passage.symbols])


def _sentence(told: Sequence[str]) -> str:
    return f"Of what this task may need: {'; '.join(told)}." if told else ""
