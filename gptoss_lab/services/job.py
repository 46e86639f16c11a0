"""One job: its numbered events in a ring, and whoever reads them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from itertools import islice

from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.transcript import Transcript

MAX_BATCH = 64


class Job:
    """Keeps the last events and wakes readers. Publishing never waits for a reader.

    Args:
        name: The job's id.
        owner: Who may see it.
        request: What was asked.
        max_events: How many events are kept for readers who come back.
    """

    def __init__(self, name: str, owner: str, request: CodeGenerationRequest, max_events: int) -> None:
        self.name = name
        self.owner = owner
        self.request = request
        self.transcript = Transcript(name, request)
        self.task: asyncio.Task[None] | None = None
        self.position = -1
        self.stopping = False
        self._ring: deque[Event] = deque(maxlen=max_events)
        self._news = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Say whether the last event was published."""
        return self.transcript.ended

    def publish(self, event: Event) -> None:
        """Number an event and hand it to every reader; nothing follows the last event."""
        if self.ended:
            return
        update = {"seq": self.transcript.last_seq + 1, "job": self.name}
        numbered = event.model_copy(update=update)
        self._ring.append(numbered)
        self.transcript.apply(numbered)
        # Each reader waits on the event that stood when it looked, so that none misses news.
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def read(self, after: int = 0) -> AsyncIterator[Sequence[Event]]:
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
                start = seen + 1 - first
                batch = tuple(islice(self._ring, start, start + MAX_BATCH))
                seen = batch[-1].seq
                yield batch
            elif self.ended:
                return
            else:
                await news.wait()
