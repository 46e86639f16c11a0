"""Server-sent events: frames, and a pulse while nothing happens.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptoss_lab.services.job import JobEvent

HEARTBEAT = b": still here\n\n"
HEARTBEAT_S = 15.0
FIRST_BEAT_S = 0.2
"""A reader that resumes where nothing is new learns this soon that it is connected."""

Write = Callable[[bytes], Awaitable[None]]


def frame(event: JobEvent) -> bytes:
    """Return an event as a frame; its JSON has no line break, so one data line holds it.

    An event without a number leads to the state of the job, and is no place to resume from.
    """
    number = f"id: {event.seq}\n" if event.seq else ""
    return f"{number}event: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


async def send(
    batches: AsyncIterator[Sequence[JobEvent]],
    write: Write,
    gone: asyncio.Event,
    *,
    every_s: float = HEARTBEAT_S,
) -> None:
    """Write events as they come, and a heartbeat whenever nothing was written for a while.

    Args:
        batches: What is ready at a time; each batch is written at once. Closed when this ends.
        write: Sends bytes and waits until the reader has room for more. Never called twice at a time.
        gone: Set when the reader has left: the writing ends.
        every_s: The time without a byte after which a heartbeat is due.
    """
    line = _Line(write)
    coming: tuple[Awaitable[Any], ...] = (line.follow(batches), line.beat(every_s), gone.wait())
    tasks = [asyncio.ensure_future(work) for work in coming]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            _ = task.cancelled() or task.exception()


class _Line:
    """The way to one reader. Only what waits for news costs a task, not each event."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._free = asyncio.Lock()
        self._clock = asyncio.get_running_loop().time
        self._at = self._clock()

    async def follow(self, batches: AsyncIterator[Sequence[JobEvent]]) -> None:
        """Write the events to their end."""
        async with aclosing(batches) as ready:  # type: ignore[type-var]
            async for batch in ready:
                await self._send(b"".join(map(frame, batch)))

    async def beat(self, every_s: float) -> None:
        """Write heartbeats for ever."""
        wait_s = min(FIRST_BEAT_S, every_s)
        while True:
            delay_s = self._at + wait_s - self._clock()
            if delay_s > 0:
                await asyncio.sleep(delay_s)
                continue
            wait_s = every_s
            await self._send(HEARTBEAT)

    async def _send(self, data: bytes) -> None:
        async with self._free:
            await self._write(data)
        self._at = self._clock()
