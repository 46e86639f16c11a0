"""Frames and the pulse between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.routes import sse
from gptoss_lab.schemas.events import CellDelta, Event, Queued


def test_a_frame_is_one_line_of_data() -> None:
    """Line breaks in a text stay inside the JSON."""
    frame = sse.frame(CellDelta(seq=7, job="j", cell="c", text="a\n\nb\r\u2028")).decode()
    head, name, data, *rest = frame.split("\n")
    assert (head, name, rest) == ("id: 7", "event: cell_delta", ["", ""])
    assert json.loads(data.removeprefix("data: "))["text"] == "a\n\nb\r\u2028"


def test_an_event_without_a_number_has_no_id() -> None:
    """A reader must not resume from an event that only leads to the state of the job."""
    assert sse.frame(Queued(job="j")).startswith(b"event: queued\n")


class Source:
    """Events that come when told, and that say how they were closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self.closed = False

    async def events(self) -> AsyncIterator[Event]:
        """Yield what is put into the queue."""
        try:
            while (event := await self.queue.get()) is not None:
                yield event
        finally:
            self.closed = True


async def test_a_heartbeat_is_sent_while_nothing_happens() -> None:
    """The first beat comes soon, later ones each interval, and no event is lost by them."""
    source, gone = Source(), asyncio.Event()
    frames = sse.paced(source.events(), gone, every_s=0.02)
    assert [await anext(frames) for _ in range(3)] == [sse.HEARTBEAT] * 3
    source.queue.put_nowait(Queued(seq=1))
    assert (await anext(frames)).startswith(b"id: 1\n")
    assert await anext(frames) == sse.HEARTBEAT
    source.queue.put_nowait(None)
    assert [frame async for frame in frames] == []
    assert source.closed


async def test_a_reader_that_leaves_closes_the_source() -> None:
    """Nothing is kept for someone who has gone."""
    source, gone = Source(), asyncio.Event()
    frames = sse.paced(source.events(), gone, every_s=30)
    assert await anext(frames) == sse.HEARTBEAT
    gone.set()
    assert [frame async for frame in frames] == []
    assert source.closed


async def test_closing_the_frames_closes_the_source() -> None:
    """A stream that is given up mid-way leaves no task behind."""
    source, gone = Source(), asyncio.Event()
    frames = sse.paced(source.events(), gone, every_s=30)
    source.queue.put_nowait(Queued(seq=1))
    await anext(frames)
    await frames.aclose()
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_an_error_of_the_source_is_passed_on() -> None:
    """The handler maps it; the pulse does not hide it."""

    async def failing() -> AsyncIterator[Event]:
        yield Queued(seq=1)
        raise ValueError("no")

    frames = sse.paced(failing(), asyncio.Event(), every_s=30)
    assert (await anext(frames)).startswith(b"id: 1\n")
    with pytest.raises(ValueError, match="no"):
        await anext(frames)
