"""Server-sent events: frames, and a pulse while nothing happens.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gptoss_lab.schemas.events import Event

HEARTBEAT = b": still here\n\n"
HEARTBEAT_S = 15.0
FIRST_BEAT_S = 0.2
"""A reader that resumes where nothing is new learns this soon that it is connected."""


def frame(event: Event) -> bytes:
    """Return an event as a frame; its JSON has no line break, so one data line holds it.

    An event without a number leads to the state of the job, and is no place to resume from.
    """
    number = f"id: {event.seq}\n" if event.seq else ""
    return f"{number}event: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


async def paced(
    events: AsyncIterator[Event], gone: asyncio.Event, *, every_s: float = HEARTBEAT_S
) -> AsyncGenerator[bytes, None]:
    """Yield the frames of the events, and a heartbeat whenever nothing came for a while.

    Args:
        events: The events; closed when this ends.
        gone: Set when the reader has left: the iteration ends.
        every_s: The time without an event after which a heartbeat is due.
    """
    left = asyncio.ensure_future(gone.wait())
    coming: asyncio.Future[Event | None] | None = None
    wait_s = min(FIRST_BEAT_S, every_s)
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(events, None))
            waiting: set[asyncio.Future[Any]] = {coming, left}
            await asyncio.wait(waiting, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            wait_s = every_s
            if left.done():
                return
            if not coming.done():
                yield HEARTBEAT
                continue
            event, coming = coming.result(), None
            if event is None:
                return
            yield frame(event)
    finally:
        await _stop(left)
        if coming is not None:
            await _stop(coming)
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _stop(future: asyncio.Future[Any]) -> None:
    future.cancel()
    await asyncio.wait({future})
    if not future.cancelled():
        future.exception()
