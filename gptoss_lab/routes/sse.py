"""Events as they are sent: server-sent events or lines of JSON, and a pulse while nothing happens.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptoss_lab.schemas.runs import JobEvent

HEARTBEAT = b": still here\n\n"
HEARTBEAT_S = 15.0
FIRST_BEAT_S = 0.2
"""A reader that resumes where nothing is new learns this soon that it is connected."""

MAX_SHARED = 1024
SHARED_BYTES = 2048

Write = Callable[[bytes], Awaitable[None]]


def frame(event: JobEvent) -> bytes:
    """Return an event as a frame; its JSON has no line break, so one data line holds it.

    An event without a number leads to the state of the job, and is no place to resume from.
    """
    number = f"id: {event.seq}\n" if event.seq else ""
    return f"{number}event: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


def line(event: JobEvent) -> bytes:
    """Return an event as a line of JSON."""
    return event.model_dump_json().encode() + b"\n"


class Shared:
    """Remembers the last frames: of many who follow one job all get the same.

    A frame goes with its event, so that nothing is held which the job has forgotten.

    Args:
        make: Makes a frame of an event.
    """

    def __init__(self, make: Callable[[JobEvent], bytes]) -> None:
        self._make = make
        self._known: dict[int, tuple[weakref.ref[JobEvent], bytes]] = {}

    def __call__(self, event: JobEvent) -> bytes:
        """Return the frame of an event; what is large is made anew, so that little is held."""
        key = id(event)
        known = self._known.get(key)
        if known is not None and known[0]() is event:
            return known[1]
        made = self._make(event)
        if len(made) <= SHARED_BYTES:
            if len(self._known) >= MAX_SHARED:
                self._known.clear()
            self._known[key] = (weakref.ref(event, lambda _: self._known.pop(key, None)), made)
        return made


@dataclass(frozen=True, slots=True)
class Form:
    """A way to send events. A reader of lines skips empty ones."""

    media_type: str
    write: Callable[[JobEvent], bytes]
    heartbeat: bytes


SSE = Form("text/event-stream", Shared(frame), HEARTBEAT)
NDJSON = Form("application/x-ndjson", Shared(line), b"\n")


async def send(
    batches: AsyncIterator[Sequence[JobEvent]],
    write: Write,
    gone: asyncio.Event,
    *,
    every_s: float = HEARTBEAT_S,
    form: Form = SSE,
) -> None:
    """Write events as they come, and a heartbeat whenever nothing was written for a while.

    Args:
        batches: What is ready at a time; each batch is written at once. Closed when this ends.
        write: Sends bytes and waits until the reader has room for more. Never called twice at a time.
        gone: Set when the reader has left: the writing ends.
        every_s: The time without a byte after which a heartbeat is due.
        form: How events look.
    """
    way = _Line(write, form)
    coming: tuple[Awaitable[Any], ...] = (way.follow(batches), way.beat(every_s), gone.wait())
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

    def __init__(self, write: Write, form: Form) -> None:
        self._write = write
        self._form = form
        self._free = asyncio.Lock()
        self._clock = asyncio.get_running_loop().time
        self._at = self._clock()

    async def follow(self, batches: AsyncIterator[Sequence[JobEvent]]) -> None:
        """Write the events to their end."""
        async with aclosing(batches) as ready:  # type: ignore[type-var]
            async for batch in ready:
                await self._send(b"".join(map(self._form.write, batch)))

    async def beat(self, every_s: float) -> None:
        """Write heartbeats for ever."""
        wait_s = min(FIRST_BEAT_S, every_s)
        while True:
            delay_s = self._at + wait_s - self._clock()
            if delay_s > 0:
                await asyncio.sleep(delay_s)
                continue
            wait_s = every_s
            await self._send(self._form.heartbeat)

    async def _send(self, data: bytes) -> None:
        async with self._free:
            await self._write(data)
        self._at = self._clock()
