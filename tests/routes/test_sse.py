"""Frames and the pulse between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

import pytest

from gptoss_lab.routes import sse
from gptoss_lab.schemas.events import CellDelta, Event, Queued
from gptoss_lab.schemas.runs import JobEvent


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
        self.queue: asyncio.Queue[tuple[Event, ...]] = asyncio.Queue()
        self.closed = False

    async def batches(self) -> AsyncIterator[Sequence[Event]]:
        """Yield what is put into the queue; nothing is the end."""
        try:
            while batch := await self.queue.get():
                yield batch
        finally:
            self.closed = True


class Reader:
    """Keeps what is written; `takes_s` is how long each write takes it."""

    def __init__(self, takes_s: float = 0) -> None:
        self.written: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.busy = 0
        self._takes_s = takes_s

    async def write(self, data: bytes) -> None:
        """Take bytes; only one writer may be there at a time."""
        self.busy += 1
        assert self.busy == 1
        await asyncio.sleep(self._takes_s)
        self.busy -= 1
        self.written.put_nowait(data)

    def follow(self, source: Source, every_s: float = 30) -> asyncio.Task[None]:
        """Begin to read."""
        sent = sse.send(source.batches(), self.write, self.gone, every_s=every_s)
        return asyncio.get_running_loop().create_task(sent)


async def test_a_heartbeat_is_sent_while_nothing_happens() -> None:
    """The first beat comes soon, later ones each interval, and no event is lost by them."""
    source, reader = Source(), Reader()
    sending = reader.follow(source, every_s=0.05)
    assert [await reader.written.get() for _ in range(3)] == [sse.HEARTBEAT] * 3
    source.queue.put_nowait((Queued(seq=1),))
    assert (await reader.written.get()).startswith(b"id: 1\n")
    assert await reader.written.get() == sse.HEARTBEAT
    source.queue.put_nowait(())
    await asyncio.wait_for(sending, 5)
    assert source.closed


async def test_a_batch_is_written_at_once() -> None:
    """What is ready together costs one write."""
    source, reader = Source(), Reader()
    sending = reader.follow(source)
    source.queue.put_nowait((Queued(seq=1), Queued(seq=2)))
    data = await reader.written.get()
    assert [line for line in data.splitlines() if line.startswith(b"id")] == [b"id: 1", b"id: 2"]
    source.queue.put_nowait(())
    await asyncio.wait_for(sending, 5)


async def test_a_slow_reader_is_written_to_by_one_at_a_time() -> None:
    """A heartbeat waits for an event that is on its way, and the other way round."""
    source, reader = Source(), Reader(takes_s=0.01)
    sending = reader.follow(source, every_s=0.005)
    for number in range(1, 20):
        source.queue.put_nowait((Queued(seq=number),))
        await asyncio.sleep(0.003)
    source.queue.put_nowait(())
    await asyncio.wait_for(sending, 5)
    written = [reader.written.get_nowait() for _ in range(reader.written.qsize())]
    assert [data[:3] for data in written if data != sse.HEARTBEAT] == [b"id:"] * 19


async def test_a_reader_that_leaves_closes_the_source() -> None:
    """Nothing is kept for someone who has gone."""
    source, reader = Source(), Reader()
    sending = reader.follow(source)
    assert await reader.written.get() == sse.HEARTBEAT
    reader.gone.set()
    await asyncio.wait_for(sending, 5)
    assert source.closed


async def test_a_stream_that_is_given_up_leaves_no_task() -> None:
    """Cancelling closes the source too."""
    source, reader = Source(), Reader()
    sending = reader.follow(source)
    source.queue.put_nowait((Queued(seq=1),))
    await reader.written.get()
    sending.cancel()
    await asyncio.wait({sending})
    assert source.closed
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_an_error_of_the_source_is_passed_on() -> None:
    """The handler maps it; the pulse does not hide it."""

    async def failing() -> AsyncIterator[Sequence[Event]]:
        yield (Queued(seq=1),)
        raise ValueError("no")

    reader = Reader()
    with pytest.raises(ValueError, match="no"):
        await asyncio.wait_for(sse.send(failing(), reader.write, reader.gone), 5)
    assert reader.written.get_nowait().startswith(b"id: 1\n")


async def test_an_error_of_the_reader_ends_the_stream() -> None:
    """A closed connection is told to the handler, and the source is closed."""
    source = Source()
    source.queue.put_nowait((Queued(seq=1),))

    async def write(_data: bytes) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(sse.send(source.batches(), write, asyncio.Event()), 5)
    assert source.closed


def test_readers_of_one_job_share_frames() -> None:
    """An event is turned into bytes once; one that only looks the same, and a large one, are made anew."""
    made: list[JobEvent] = []

    def make(event: JobEvent) -> bytes:
        made.append(event)
        return event.model_dump_json().encode()

    shared = sse.Shared(make)
    event, twin = CellDelta(cell="a", text="x"), CellDelta(cell="a", text="x")
    large = CellDelta(cell="a", text="x" * sse.SHARED_BYTES)
    assert [shared(each) for each in (event, event, twin)] == [event.model_dump_json().encode()] * 3
    assert len(made) == 2
    shared(large)
    shared(large)
    assert len(made) == 4
    many = [CellDelta(cell="a", text=str(number)) for number in range(sse.MAX_SHARED + 10)]
    for each in many:
        shared(each)
    assert len(shared._known) <= sse.MAX_SHARED
    many.clear()
    del each, event, twin, large
    made.clear()
    assert not shared._known
