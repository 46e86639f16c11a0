"""R packages as a source: found in the sandbox's environment, their help read by its R."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.index_writer import storage_errors
from gptoss_lab.documents.jobs import ParseJob
from gptoss_lab.documents.prepared import Prepared, corpus_id, with_cached
from gptoss_lab.documents.r_help import PAGES_AT_ONCE, RHelp, help_payload, help_script, read_help
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import DocumentError, SandboxError, SourceLimitError, SourceNotFoundError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocSource, IndexProgress
from gptoss_lab.schemas.execution import SandboxImage

PREFIX = "r:"
BATCH_TIMEOUT_S = 120.0
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,100}")
_PREFIXED = re.compile(rf"{PREFIX}\s*([A-Za-z].*)")
_MAX_NEAR = 3
Report = Callable[[IndexProgress], None]


class RLibrary(Protocol):
    """The R of the sandbox: what it holds, and a way to ask it."""

    async def image(self, language: Language) -> SandboxImage | None:
        """Return the environment that a sandbox runs in; None where there is none."""

    async def inspect(self, language: Language, script: str, payload: str, *, timeout_s: float = 30.0) -> str:
        """Run a program of ours in a fresh sandbox.

        Raises:
            SandboxError: The sandbox failed.
        """


def named_r_package(uri: str) -> bool:
    """Say whether a source is written as an R package: `r:stats`."""
    return _PREFIXED.fullmatch(uri.strip()) is not None


def is_r_name(text: str) -> bool:
    """Say whether a text could be the name of an R package."""
    return _NAME.fullmatch(text.strip()) is not None


async def find_r_package(source: DocSource, library: RLibrary | None, store: IndexStore) -> Prepared:
    """Find an R package, and the index of it that is still fresh.

    Raises:
        SourceNotFoundError: There is no R here, or it has no such package.
    """
    name = source.uri.strip().removeprefix(PREFIX).strip()
    image = await library.image("r") if library is not None else None
    if image is None:
        raise SourceNotFoundError(
            f"The R package {name[:100]!r} cannot be read: no R environment is built here",
            hint="Build it with `jupyter gptoss sandbox build r`; the help is read from its R.",
        )
    version = _version(name, image)
    digest = hashlib.sha256(f"{PARSER_VERSION}\0{name}\0{version}\0{image.id}".encode()).hexdigest()
    corpus = corpus_id(name, "r-package", f"{image.runtime}\0{name}")
    job = ParseJob(source=source.uri, title=name, version=version, r_package=name)
    return with_cached(Prepared(corpus, source, "r-package", digest, job), store)


async def read_r_help(
    prepared: Prepared, library: RLibrary, config: DocumentConfig, spool: Path, report: Report
) -> Prepared:
    """Read the help of a package that was found into the spool folder.

    Raises:
        SourceLimitError: It is over a limit.
        DocumentError: It cannot be read.
        StorageError: The disk is full.
    """
    name, pages, size = prepared.job.r_package, spool / "help.jsonl", 0
    async for batch in _batches(name, library, config, report):
        line = batch.model_dump_json() + "\n"
        size += len(line)
        if size > config.max_total_bytes:
            shown = config.max_total_bytes >> 20
            raise SourceLimitError(f"The help of {name} is over {shown} MB", hint="Raise max_total_bytes.")
        await asyncio.to_thread(_append, pages, line)
    return replace(prepared, job=prepared.job.model_copy(update={"r_help": str(pages)}))


def _append(path: Path, line: str) -> None:
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line)


def _version(name: str, image: SandboxImage) -> str:
    """Return the version of an installed package.

    Raises:
        SourceNotFoundError: The environment does not hold it.
    """
    version = image.packages.get(name) if _NAME.fullmatch(name) else None
    if version is not None:
        return version
    known = {package.lower(): package for package in image.packages}
    near = difflib.get_close_matches(name.lower(), known, n=_MAX_NEAR, cutoff=0.6)
    shown = ", ".join(f"{PREFIX}{known[item]}" for item in near)
    raise SourceNotFoundError(
        f"The R environment of the sandbox holds no package {name[:100]!r}",
        hint=f"Did you mean {shown}?"
        if near
        else f"Check the spelling, or add it: `jupyter gptoss sandbox add --language r {name[:100]}`.",
    )


async def _batches(
    name: str, library: RLibrary, config: DocumentConfig, report: Report
) -> AsyncIterator[RHelp]:
    """Read the pages some at a time, so that progress is seen and a cancel is soon heard.

    Raises:
        DocumentError: The sandbox failed, or answered something else.
    """
    start, total = 1, 0
    while start == 1 or start <= min(total, config.max_pages):
        count = min(PAGES_AT_ONCE, config.max_pages - start + 1)
        report(IndexProgress(source=name, step="read", detail=name, done=start - 1, total=total))
        try:
            answer = await library.inspect(
                "r", help_script(), help_payload(name, start, count), timeout_s=BATCH_TIMEOUT_S
            )
        except SandboxError as error:
            message = f"The help of {name} could not be read: {error.message}"
            raise DocumentError(message, hint=error.hint) from error
        batch = read_help(answer)
        total = batch.total
        yield batch
        start += count
    report(IndexProgress(source=name, step="read", detail=name, done=min(total, start - 1), total=total))
