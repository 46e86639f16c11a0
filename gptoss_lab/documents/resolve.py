"""From a source as a person names it to a parse job, or to the index that is still fresh."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from gptoss_lab.documents.folders import folder_hash, read_folder, read_one
from gptoss_lab.documents.formats import media_of
from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.documents.jobs import ParseJob
from gptoss_lab.documents.packages import Origin, find_package, installed
from gptoss_lab.documents.prepared import Prepared, corpus_id, with_cached
from gptoss_lab.documents.r_source import RLibrary, find_r_package, named_r_package, read_r_help
from gptoss_lab.documents.sphinx import read_project
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocSource, IndexProgress

Report = Callable[[IndexProgress], None]
Kind = Literal["package", "r-package", "folder", "file", "url"]
Roots = Sequence[tuple[Path, Origin]]

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_BARE = re.compile(r"\w[\w.-]{0,200}")


def kind_of(source: DocSource, roots: Roots = ()) -> Kind:
    """Return what a source is; `auto` is decided from its text, what is installed and the file system.

    A bare name that is installed is the package, even where a folder of that name lies here: a
    person who means the folder writes `./name`.

    Args:
        source: The source as a person names it.
        roots: Where installed packages lie.

    Raises:
        SourceRefusedError: It is an address that is not http(s).
        SourceNotFoundError: It is plainly a path, and nothing is there.
    """
    uri = source.uri.strip()
    if source.kind != "auto":
        return source.kind
    if named_r_package(uri):
        return "r-package"
    if uri.lower().startswith(("http://", "https://")):
        return "url"
    if _SCHEME.match(uri) and not uri.lower().startswith("file://"):
        raise SourceRefusedError(f"{uri.partition(':')[0]}: addresses are not read")
    if _BARE.fullmatch(uri) and media_of(uri) is None and installed(uri, roots) is not None:
        return "package"
    found = _on_disk(uri)
    if found is not None:
        return found
    if "/" in uri or uri.startswith("~") or media_of(uri) is not None:
        raise SourceNotFoundError(
            f"There is no file or folder {uri}", hint="Check the path; it is read on the server."
        )
    return "package"


def _on_disk(uri: str) -> Literal["folder", "file"] | None:
    try:
        path = local_path(uri)
        if path.is_dir():
            return "folder"
        return "file" if path.exists() else None
    except (OSError, RuntimeError, ValueError) as error:  # too long, of nobody's home, or with a NUL
        raise SourceNotFoundError(f"There is nothing at {uri[:80]!r}") from error


def local_path(uri: str) -> Path:
    """Return the absolute path that a source names."""
    text = unquote(urlsplit(uri).path) if uri.lower().startswith("file://") else uri
    path = Path(text)
    return (path.expanduser() if text.startswith("~") else path).absolute()


@asynccontextmanager
async def prepare(  # noqa: PLR0913 - where to look, within which limits, and whom to tell
    source: DocSource,
    roots: Roots,
    config: DocumentConfig,
    store: IndexStore,
    report: Report,
    *,
    refresh: bool,
    r_library: RLibrary | None = None,
) -> AsyncIterator[Prepared]:
    """Find a source and say what must be done; fetched pages live as long as the context.

    Raises:
        SourceNotFoundError: There is no such package, file or page.
        SourceRefusedError: A policy forbids reading it.
        SourceLimitError: It is over a limit.
        DocumentError: It cannot be read.
        StorageError: The disk is full.
    """
    kind = await asyncio.to_thread(kind_of, source, roots)
    spool = store.temporary("pages")
    try:
        if kind == "package":
            prepared = await asyncio.to_thread(_package, source, roots, store, report)
        elif kind == "r-package":
            prepared = await find_r_package(source, r_library, store)
            if r_library is not None and (refresh or prepared.cached is None):
                prepared = await read_r_help(prepared, r_library, config, spool, report)
        elif kind == "url":
            from gptoss_lab.documents.web import prepare_url  # noqa: PLC0415 - the HTTP client loads when needed

            prepared = await prepare_url(source, config, store, report, spool, refresh=refresh)
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


def _package(source: DocSource, roots: Roots, store: IndexStore, report: Report) -> Prepared:
    found = find_package(source.uri, roots)
    corpus = corpus_id(found.name, "package", f"{found.root}\0{found.name}")
    outside = found.origin == "server" and any(origin == "sandbox" for _, origin in roots)
    warnings = (
        (f"The sandbox does not hold {found.name}; cells that use it cannot be checked by running them.",)
        if outside
        else ()
    )
    name = source.uri.strip()
    if source.kind == "auto" and local_path(name).is_dir():
        detail = f"the installed package {found.name}; the folder here is ./{name}"
        report(IndexProgress(source=source.uri, step="resolve", detail=detail))
    job = ParseJob(source=source.uri, title=found.name, version=found.version, package=found)
    prepared = Prepared(corpus, source, "package", found.fingerprint, job, warnings)
    return with_cached(prepared, store)


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
    corpus = corpus_id(path.name or "root", kind, str(path))
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
    sphinx = kind == "folder" and _plain_file(inventory, config)
    title, version = read_project(inventory) if sphinx else ("", "")
    job = ParseJob(
        source=source.uri,
        title=title or path.name,
        version=version,
        files=tuple(files),
        inventory=str(inventory) if sphinx else "",
        previous=str(store.path(corpus)) if info is not None else "",
    )
    # Whoever refreshes it may stand in another folder.
    placed = DocSource(kind=kind, uri=str(path))
    return with_cached(Prepared(corpus, placed, kind, folder_hash(files), job, tuple(warnings)), store)


def _plain_file(path: Path, config: DocumentConfig) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= config.fetch_max_bytes
