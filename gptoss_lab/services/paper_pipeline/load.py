"""Load: the paper is read, and the sandbox asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.events import Event, Generator, Progress, Stage, Warn
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.pipeline.collect import collect
from gptoss_lab.services.pipeline.draft import HasTemplates, draw_seed
from gptoss_lab.services.streams import closing

PROGRESS_EVERY_S = 0.1
MAX_MESSAGE_CHARS = 300


async def load(run: PaperRun) -> AsyncIterator[Event]:
    """Read the paper, tell it, and say who answers.

    Raises:
        DocumentError: It cannot be read.
        StorageError: The disk is full.
    """
    yield Stage(stage="load")
    told: asyncio.Queue[Event | None] = asyncio.Queue()
    work = asyncio.ensure_future(run.reader.read(run.ask, _reporter(told)))
    work.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (event := await told.get()) is not None:
            yield event
        run.read = await work
    finally:
        work.cancel()
        await asyncio.wait({work})
    for message in run.paper.warnings:
        yield Warn(message=message)
    yield run.tell()
    async with closing(_prepared(run)) as events:
        async for event in events:
            yield event


async def _prepared(run: PaperRun) -> AsyncIterator[Event]:
    """Index what documentation was given for a model, ask for the sandbox, and say who answers."""
    own = run.run
    if own.generator.name == "model":
        async with closing(collect(own)) as events:
            async for event in events:
                yield event
        draw_seed(own)
    else:
        own.sandbox = await _status(run)
    generator = own.generator
    yield Generator(
        generator=generator.name,
        model=generator.model,
        seed=own.request.seed if generator.name == "model" else None,
        templates=generator.templates if isinstance(generator, HasTemplates) else "",
        sandbox=own.sandbox,
        corpora=own.infos,
    )


async def _status(run: PaperRun) -> SandboxStatus:
    try:
        return await run.run.executor.status(run.run.request.language)
    except SandboxError as error:
        return SandboxStatus(available=False, reason=error.message, hint=error.hint)


def _reporter(told: asyncio.Queue[Event | None]) -> Callable[[str, int, int], None]:
    """Return a callback that may be called from any thread and as often as one likes."""
    loop = asyncio.get_running_loop()
    last_message, last_at = "", 0.0

    def report(message: str, done: int, total: int) -> None:
        nonlocal last_message, last_at
        now = time.monotonic()
        if message == last_message and now - last_at < PROGRESS_EVERY_S and done != total:
            return
        last_message, last_at = message, now
        event = Progress(stage="load", message=message[:MAX_MESSAGE_CHARS], done=done, total=total)
        loop.call_soon_threadsafe(told.put_nowait, event)

    return report
