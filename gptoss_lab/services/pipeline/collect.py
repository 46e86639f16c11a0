"""Collect: every source indexed, and the sandbox asked, at the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from gptoss_lab.documents.r_source import is_r_name
from gptoss_lab.errors import DocumentError, RequestError, SandboxError
from gptoss_lab.schemas.documents import CorpusInfo, DocSource, IndexProgress
from gptoss_lab.schemas.events import Event, Progress, Stage, Warn
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.services.edits import sources_of
from gptoss_lab.services.pipeline.run import Run

PROGRESS_EVERY_S = 0.1
MAX_SOURCE_CHARS = 200
STEPS = {
    "resolve": "looking for {}",
    "fetch": "fetching {}",
    "read": "finding the files of {}",
    "parse": "reading {}",
    "index": "writing the index of {}",
    "done": "{} is ready",
}


async def collect(run: Run) -> AsyncIterator[Event]:
    """Index what is not indexed yet; go on without sources that cannot be read.

    Raises:
        RequestError: Examples were asked for, and no documentation was given.
        DocumentError: None of the sources could be read.
        StorageError: The disk is full.
    """
    yield Stage(stage="collect")
    sources = list(dict.fromkeys(await _meant(run, sources_of(run.request))))
    if not sources and run.generator.name == "examples":
        raise RequestError(
            "There is no documentation to take examples from.",
            hint="Add a package, a folder, a file or an address, or attach a model.",
        )
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    work = asyncio.ensure_future(_gather(run, sources, events))
    work.add_done_callback(lambda _: events.put_nowait(None))
    try:
        while (event := await events.get()) is not None:
            yield event
        await work
    finally:
        work.cancel()
        await asyncio.wait({work})


async def _meant(run: Run, sources: tuple[DocSource, ...]) -> list[DocSource]:
    """Take bare names as R packages where the cells are R and the sandbox's R has them."""
    bare = {source for source in sources if source.kind in {"auto", "package"} and is_r_name(source.uri)}
    if run.request.language != "r" or not bare:
        return list(sources)
    held: dict[str, str] = {}
    with suppress(SandboxError):
        held = await run.executor.packages("r")
    return [
        DocSource(kind="r-package", uri=source.uri.strip())
        if source in bare and source.uri.strip() in held
        else source
        for source in sources
    ]


async def _gather(run: Run, sources: list[DocSource], events: asyncio.Queue[Event | None]) -> None:
    asked = [asyncio.ensure_future(_ensure(run, source, events)) for source in sources]
    status = asyncio.ensure_future(_status(run))
    try:
        read = await asyncio.gather(*asked)
        run.sandbox = await status
    finally:
        for task in (*asked, status):
            task.cancel()
        await asyncio.wait({*asked, status})
    failures = [entry for entry in read if isinstance(entry, DocumentError)]
    infos = [entry for entry in read if isinstance(entry, CorpusInfo)]
    run.infos = tuple({info.id: info for info in infos}.values())
    if failures and not run.infos:
        raise failures[0]
    for info in run.infos:
        for message in info.warnings:
            events.put_nowait(Warn(message=message))


async def _ensure(
    run: Run, source: DocSource, events: asyncio.Queue[Event | None]
) -> CorpusInfo | DocumentError:
    try:
        return await run.corpora.ensure(source, _reporter(events))
    except DocumentError as error:
        if len(sources_of(run.request)) > 1:
            events.put_nowait(Warn(message=f"{source.uri[:200]}: {error.message}", hint=error.hint))
        return error


async def _status(run: Run) -> SandboxStatus:
    try:
        return await run.executor.status(run.request.language)
    except SandboxError as error:
        return SandboxStatus(available=False, reason=error.message, hint=error.hint)


def _reporter(events: asyncio.Queue[Event | None]) -> Callable[[IndexProgress], None]:
    """Return a callback that may be called from any thread and as often as one likes."""
    loop = asyncio.get_running_loop()
    last_step, last_at = "", 0.0

    def report(progress: IndexProgress) -> None:
        nonlocal last_step, last_at
        now = time.monotonic()
        if progress.step == last_step and now - last_at < PROGRESS_EVERY_S:
            return
        last_step, last_at = progress.step, now
        event = Progress(
            stage="collect",
            message=STEPS[progress.step].format(progress.source[:MAX_SOURCE_CHARS]),
            done=progress.done,
            total=progress.total,
        )
        loop.call_soon_threadsafe(events.put_nowait, event)

    return report
