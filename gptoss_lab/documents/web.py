"""Pages of the web as a parse job: fetched again when they may have changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from gptoss_lab.documents.fetch import Fetcher
from gptoss_lab.documents.folders import folder_hash
from gptoss_lab.documents.gather import KnownPage
from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.documents.jobs import ParseJob
from gptoss_lab.documents.prepared import Prepared, corpus_id, marked, with_cached
from gptoss_lab.documents.site import Site, collect
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import DocumentError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import CorpusInfo, DocSource, IndexProgress

Report = Callable[[IndexProgress], None]
Known = Mapping[str, KnownPage]

_FRESH_S = 86_400.0


async def prepare_url(
    source: DocSource,
    config: DocumentConfig,
    store: IndexStore,
    report: Report,
    spool: Path,
    *,
    refresh: bool,
) -> Prepared:
    """Fetch a page or a site into the spool folder, unless its index is fresh.

    An index younger than a day is used as it is; of an older one the first page is asked for
    changes, and with `refresh` every page. A page that cannot be reached leaves the older
    index in use, with a warning.

    Raises:
        SourceNotFoundError: There is no such host or page.
        SourceRefusedError: The address or the type of content is not allowed.
        SourceLimitError: It is too large or too slow.
        DocumentError: The server failed.
        StorageError: The disk is full.
    """
    url = urldefrag(source.uri.strip()).url
    corpus = corpus_id(_host(url), "url", url)
    info = await asyncio.to_thread(store.info, corpus)
    kept = Prepared(corpus, source, "url", "", ParseJob(source=url, title=url), cached=marked(info, source))
    if info is not None and not refresh and store.age_s(corpus) < _FRESH_S:
        return kept
    report(IndexProgress(source=source.uri, step="fetch", detail=url))
    try:
        known = {} if info is None else await asyncio.to_thread(_known, store, corpus)
        site = await _fetch(url, config, spool, report, known=known, refresh=refresh)
    except SourceRefusedError:
        raise
    except DocumentError as error:
        if info is None:
            raise
        return replace(kept, cached=_late(info, error))
    if site is None:
        await asyncio.to_thread(store.confirm, corpus)
        return kept
    previous = str(store.path(corpus)) if info is not None else ""
    prepared = with_cached(_prepared(source, corpus, site, previous), store)
    if prepared.cached is not None:
        await asyncio.to_thread(store.confirm, corpus)
    return prepared


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "page"
    except ValueError as error:
        raise SourceRefusedError(f"{url} is not an http(s) address") from error


def _prepared(source: DocSource, corpus: str, site: Site, previous: str) -> Prepared:
    job = ParseJob(
        source=source.uri,
        title=site.title,
        version=site.version,
        files=site.files,
        inventory=site.inventory,
        base_url=site.base_url,
        previous=previous,
    )
    kind: Literal["site", "url"] = "site" if site.inventory or len(site.files) > 1 else "url"
    return Prepared(corpus, source, kind, folder_hash(list(site.files)), job, site.warnings)


async def _fetch(
    url: str, config: DocumentConfig, spool: Path, report: Report, *, known: Known, refresh: bool
) -> Site | None:
    """Fetch the page and what belongs to it; None where the page is the known one and that is enough."""

    def step(page: str, done: int, total: int) -> None:
        report(IndexProgress(source=url, step="fetch", detail=page, done=done, total=total))

    before = known.get(url, KnownPage(""))
    async with Fetcher(config) as fetcher:
        first = await fetcher.page(url, etag=before.etag, modified=before.modified)
        if first.unchanged and not refresh:
            return None
        with storage_errors(spool):
            await asyncio.to_thread(spool.mkdir, mode=0o700)
        return await collect(fetcher, first, config, spool, step, known=known)


def _known(store: IndexStore, corpus: str) -> Known:
    """Return the pages of an index, and what their server knows them by."""
    with open_index(store.path(corpus), corpus) as reader:
        validators: dict[str, list[str]] = json.loads(reader.meta().get("validators", "{}"))
        files = reader.files()
    return {path: KnownPage(state.sha256, *validators.get(path, ())) for path, state in files.items()}


def _late(info: CorpusInfo, error: DocumentError) -> CorpusInfo:
    warnings = (*info.warnings, f"{error.message}; the copy of {info.built_at} is used")
    return info.model_copy(update={"cached": True, "warnings": warnings})
