"""One job: its numbered events in a ring, and whoever reads them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, Literal, Protocol

from gptoss_lab.errors import GptossError
from gptoss_lab.schemas.generation import CodeGenerationRequest, JobSummary
from gptoss_lab.schemas.runs import JobEvent

MAX_BATCH = 64
BATCH_BYTES = 256 << 10
EVENT_BYTES = 200
"""What an event takes beside its texts, about."""


class JobTranscript(Protocol):
    """What the events of a job are folded into; one class for each kind of job."""

    last_seq: int
    created_at: str
    finished_at: str

    @property
    def ended(self) -> bool:
        """Say whether the last event was seen."""

    def apply(self, event: Any) -> None:
        """Fold one event in; what follows the last event is ignored."""

    def weigh(self, event: Any) -> int:
        """Return about how many bytes an event holds."""

    def remembered(self, event: Any) -> Any:
        """Return what of an event is kept when the job has ended."""

    def merge(self, batch: Sequence[Any]) -> Sequence[Any]:
        """Return a batch with fewer events that say the same, where that can be."""

    def response(self) -> Any:
        """Return the job as it stands."""

    def summary(self) -> JobSummary:
        """Return the job in short."""

    def catch_up(self) -> Sequence[Any]:
        """Return unnumbered events that lead a reader who missed some to where the job stands."""

    def queued(self, position: int) -> Any:
        """Return the event that tells a job's place in the queue."""

    def last(self, how: Literal["cancelled"] | GptossError) -> Sequence[Any]:
        """Return the events that end a job which did not end by itself."""


class Job:
    """Keeps the last events and wakes readers. Publishing never waits for a reader.

    Args:
        name: The job's id.
        owner: Who may see it.
        request: What was asked.
        transcript: What its events are folded into.
        max_events: How many events are kept for readers who come back.
        max_bytes: How much they may hold together; the last one is always kept.

    Attributes:
        sent: The request as its owner sent it, before anything in it was resolved.
        key: What its client calls the request; empty where it does not.
        request_id: What the log calls the request that began it.
        watch: Told each event that is published, after it counts.
    """

    def __init__(
        self,
        name: str,
        owner: str,
        request: Any,
        transcript: JobTranscript,
        *,
        max_events: int,
        max_bytes: int,
    ) -> None:
        self.name = name
        self.owner = owner
        self.request = request
        self.sent = request
        self.key = ""
        self.request_id = ""
        self.sent_bytes = request_bytes(request)
        self.transcript = transcript
        self.task: asyncio.Task[None] | None = None
        self.stop = asyncio.Event()
        self.position = -1
        self.stopping = False
        self.bytes_kept = 0
        self.watch: Callable[[Job, JobEvent], None] = _nobody
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._ring: deque[JobEvent] = deque()
        self._sizes: deque[int] = deque()
        self._news = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Say whether the last event was published."""
        return self.transcript.ended

    def publish(self, event: JobEvent) -> None:
        """Number an event and hand it to every reader; nothing follows the last event."""
        if self.ended:
            return
        update = {"seq": self.transcript.last_seq + 1, "job": self.name}
        numbered = event.model_copy(update=update)
        self._keep(numbered)
        self.transcript.apply(numbered)
        self.watch(self, numbered)
        if self.transcript.ended:
            self._ring = deque(map(self.transcript.remembered, self._ring))
        # Each reader waits on the event that stood when it looked, so that none misses news.
        news, self._news = self._news, asyncio.Event()
        news.set()

    def restore(self, events: Iterable[JobEvent]) -> None:
        """Take the events of an earlier server, with their numbers, before any reader comes.

        Where some are missing, readers get those after the gap, and the state that all have led to.
        """
        for event in events:
            if self._ring and event.seq != self._ring[-1].seq + 1:
                self._ring.clear()
                self._sizes.clear()
                self.bytes_kept = 0
            self._keep(event)
            self.transcript.apply(event)

    async def until_end(self) -> None:
        """Wait for the last event."""
        while not self.ended:
            await self._news.wait()

    async def read(self, after: int = 0) -> AsyncIterator[Sequence[JobEvent]]:
        """Yield the events after number `after`, then those to come, until the last.

        Each batch is what is ready; never so many that the loop would wait for their reader.

        Where they are no longer kept the reader first gets events without a number that lead to
        the state of the job: each cell is opened anew, so that the reader replaces what it has.
        """
        seen = max(0, after)
        while True:
            first = self._ring[0].seq if self._ring else 1
            if seen > self.transcript.last_seq:
                # A number from before a restart of the server: begin again.
                seen = 0
            if seen + 1 < first:
                # The last event is always kept; it says how the job ended.
                seen = self.transcript.last_seq - int(self.ended)
                yield self.transcript.catch_up()
                continue
            news = self._news
            if seen < self.transcript.last_seq:
                batch = self._batch(seen + 1 - first)
                seen = batch[-1].seq
                yield self.transcript.merge(batch)
            elif self.ended:
                return
            else:
                await news.wait()

    def _keep(self, event: JobEvent) -> None:
        size = self.transcript.weigh(event)
        ring, sizes = self._ring, self._sizes
        ring.append(event)
        sizes.append(size)
        self.bytes_kept += size
        while len(ring) > self._max_events or (self.bytes_kept > self._max_bytes and len(ring) > 1):
            ring.popleft()
            self.bytes_kept -= sizes.popleft()

    def _batch(self, start: int) -> list[JobEvent]:
        """Return the events from a place in the ring; a place near either end is found at once."""
        ring, sizes = self._ring, self._sizes
        batch = [ring[start]]
        total = sizes[start]
        for place in range(start + 1, min(start + MAX_BATCH, len(ring))):
            total += sizes[place]
            if total > BATCH_BYTES:
                break
            batch.append(ring[place])
        return batch


def _nobody(_job: Job, _event: JobEvent) -> None:
    """Watch nothing."""


def request_bytes(request: Any) -> int:
    """Return about how many bytes the texts of a generation's request hold, which are kept with its job."""
    if not isinstance(request, CodeGenerationRequest):
        return 0
    edited = request.edit.cells if request.edit else ()
    texts = (*request.context.cells, *(text for cell in edited for text in (cell.source, cell.error)))
    return len(request.task) + sum(map(len, texts))
