"""From a source as a person names it to a parse job, or to the index that is still fresh."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from gptoss_lab.documents.folders import folder_hash, read_folder, read_one
from gptoss_lab.documents.formats import media_of
from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.documents.jobs import ParseJob, ParseResult
from gptoss_lab.documents.packages import Origin, find_package
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import DocumentError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import CorpusInfo, DocSource, IndexProgress

Report = Callable[[IndexProgress], None]
Kind = Literal["package", "folder", "file", "url"]
Roots = Sequence[tuple[Path, Origin]]

_FRESH_URL_S = 86_400.0
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be indexed. With `cached` nothing has to be."""

    id: str
    source: DocSource
    kind: Literal["package", "folder", "file", "url", "site"]
    sha256: str
    job: ParseJob
    warnings: tuple[str, ...] = ()
    cached: CorpusInfo | None = None

    def info(self, result: ParseResult, *, duration_s: float) -> CorpusInfo:
        """Return the description of the index that was built."""
        return CorpusInfo(
            id=self.id,
            source=self.source,
            title=self.job.title,
            kind=self.kind,
            version=self.job.version,
            sha256=self.sha256,
            chunks=result.chunks,
            symbols=result.symbols,
            examples=result.examples,
            built_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            duration_s=round(duration_s, 3),
            warnings=(*self.warnings, *result.warnings),
        )


def kind_of(source: DocSource) -> Kind:
    """Return what a source is; `auto` is decided from its text and the file system.

    Raises:
        SourceRefusedError: It is an address that is not http(s).
        SourceNotFoundError: It is plainly a path, and nothing is there.
    """
    uri = source.uri.strip()
    if source.kind != "auto":
        return source.kind
    if uri.lower().startswith(("http://", "https://")):
        return "url"
    if _SCHEME.match(uri) and not uri.lower().startswith("file://"):
        raise SourceRefusedError(f"{uri.partition(':')[0]}: addresses are not read")
    try:
        path = local_path(uri)
        if path.is_dir():
            return "folder"
        if path.exists():
            return "file"
    except (OSError, ValueError) as error:  # a name too long, or with a NUL
        raise SourceNotFoundError(f"There is nothing at {uri[:80]!r}") from error
    if "/" in uri or uri.startswith("~") or media_of(uri) is not None:
        raise SourceNotFoundError(
            f"There is no file or folder {uri}", hint="Check the path; it is read on the server."
        )
    return "package"


def local_path(uri: str) -> Path:
    """Return the absolute path that a source names."""
    text = urlsplit(uri).path if uri.lower().startswith("file://") else uri
    path = Path(text)
    return (path.expanduser() if text.startswith("~") else path).absolute()


@asynccontextmanager
async def prepare(
    source: DocSource,
    roots: Roots,
    config: DocumentConfig,
    store: IndexStore,
    report: Report,
    *,
    refresh: bool,
) -> AsyncIterator[Prepared]:
    """Find a source and say what must be done; fetched pages live as long as the context.

    Raises:
        SourceNotFoundError: There is no such package, file or page.
        SourceRefusedError: A policy forbids reading it.
        SourceLimitError: It is over a limit.
        DocumentError: It cannot be read.
        StorageError: The disk is full.
    """
    kind = await asyncio.to_thread(kind_of, source)
    spool = store.temporary("pages")
    try:
        if kind == "package":
            prepared = await asyncio.to_thread(_package, source, roots, store)
        elif kind == "url":
            prepared = await _url(source, config, store, report, spool, refresh=refresh)
        else:
            prepared = await asyncio.to_thread(_local, source, kind, config, store, report)
        limits = {
            "max_pages": config.max_pages,
            "memory_bytes": config.parse_memory_bytes,
            "timeout_s": config.parse_timeout_s,
        }
        job = prepared.job.model_copy(update=limits)
        yield replace(prepared, job=job, cached=None if refresh else prepared.cached)
    finally:
        await asyncio.to_thread(shutil.rmtree, spool, ignore_errors=True)


def _package(source: DocSource, roots: Roots, store: IndexStore) -> Prepared:
    found = find_package(source.uri, roots)
    corpus = _corpus_id(found.name, "package", f"{found.root}\0{found.name}")
    outside = found.origin == "server" and any(origin == "sandbox" for _, origin in roots)
    warnings = (
        (f"The sandbox does not hold {found.name}; cells that use it cannot be checked by running them.",)
        if outside
        else ()
    )
    job = ParseJob(source=source.uri, title=found.name, version=found.version, package=found)
    prepared = Prepared(corpus, source, "package", found.fingerprint, job, warnings)
    return _with_cached(prepared, store)


def _local(
    source: DocSource,
    kind: Literal["folder", "file"],
    config: DocumentConfig,
    store: IndexStore,
    report: Report,
) -> Prepared:
    path = local_path(source.uri.strip())
    if kind == "folder" and not path.is_dir():
        raise SourceNotFoundError(
            f"There is no folder {path}", hint="Check the path; it is read on the server."
        )
    corpus = _corpus_id(path.name or "root", kind, str(path))
    info = store.info(corpus)
    if kind == "file":
        files, warnings = [read_one(path, config)], list[str]()
    else:
        known = {}
        if info is not None:
            with open_index(store.path(corpus), corpus) as reader:
                known = reader.files()

        def step(name: str, done: int) -> None:
            report(IndexProgress(source=source.uri, step="read", detail=name, done=done))

        files, warnings = read_folder(path, config, known, step)
    inventory = path / "objects.inv"
    job = ParseJob(
        source=source.uri,
        title=path.name,
        files=tuple(files),
        inventory=str(inventory) if kind == "folder" and _plain_file(inventory, config) else "",
        previous=str(store.path(corpus)) if info is not None else "",
    )
    return _with_cached(Prepared(corpus, source, kind, folder_hash(files), job, tuple(warnings)), store)


def _plain_file(path: Path, config: DocumentConfig) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= config.fetch_max_bytes


async def _url(
    source: DocSource,
    config: DocumentConfig,
    store: IndexStore,
    report: Report,
    spool: Path,
    *,
    refresh: bool,
) -> Prepared:
    from gptoss_lab.documents.fetch import Fetcher  # noqa: PLC0415 - the HTTP client loads when a page is asked for
    from gptoss_lab.documents.site import collect  # noqa: PLC0415

    url = urldefrag(source.uri.strip()).url
    corpus = _corpus_id(urlsplit(url).hostname or "page", "url", url)
    info = await asyncio.to_thread(store.info, corpus)
    kept = Prepared(corpus, source, "url", "", ParseJob(source=url, title=url), cached=_marked(info, source))
    if info is not None and not refresh and store.age_s(corpus) < _FRESH_URL_S:
        return kept
    report(IndexProgress(source=source.uri, step="fetch", detail=url))
    async with Fetcher(config) as fetcher:
        try:
            first = await fetcher.page(
                url, etag=_etag(store, corpus) if info is not None and not refresh else ""
            )
        except SourceRefusedError:
            raise
        except DocumentError as error:
            if info is None:
                raise
            late = (*info.warnings, f"{error.message}; the copy of {info.built_at} is used")
            return replace(kept, cached=info.model_copy(update={"cached": True, "warnings": late}))
        if first.unchanged:
            await asyncio.to_thread(store.confirm, corpus)
            return kept
        with storage_errors(spool):
            spool.mkdir(mode=0o700)

        def step(page: str, done: int, total: int) -> None:
            report(IndexProgress(source=source.uri, step="fetch", detail=page, done=done, total=total))

        site = await collect(fetcher, first, config, spool, step)
    job = ParseJob(
        source=source.uri,
        title=site.title,
        version=site.version,
        files=site.files,
        inventory=site.inventory,
        base_url=site.base_url,
        previous=str(store.path(corpus)) if info is not None else "",
        etag=site.etag,
    )
    kind: Literal["site", "url"] = "site" if site.inventory else "url"
    prepared = _with_cached(
        Prepared(corpus, source, kind, folder_hash(list(site.files)), job, site.warnings), store
    )
    if prepared.cached is not None:
        await asyncio.to_thread(store.confirm, corpus)
    return prepared


def _etag(store: IndexStore, corpus: str) -> str:
    with open_index(store.path(corpus), corpus) as reader:
        return reader.meta().get("etag", "")


def _with_cached(prepared: Prepared, store: IndexStore) -> Prepared:
    info = store.info(prepared.id)
    if info is None or info.sha256 != prepared.sha256:
        return prepared
    marked = info.model_copy(
        update={
            "cached": True,
            "source": prepared.source,
            "warnings": tuple(dict.fromkeys((*prepared.warnings, *info.warnings))),
        }
    )
    return replace(prepared, cached=marked)


def _marked(info: CorpusInfo | None, source: DocSource) -> CorpusInfo | None:
    return info.model_copy(update={"cached": True, "source": source}) if info is not None else None


def _corpus_id(name: str, kind: str, key: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "source"
    digest = hashlib.sha256(f"{kind}\0{key}".encode()).hexdigest()
    return f"{slug}-{digest[:12]}"
