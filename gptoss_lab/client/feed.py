"""The events of one job, across the connections that it takes to read them all."""

from __future__ import annotations

import time
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gptoss_lab.client.answers import Answer
from gptoss_lab.client.call import Call, Form, first_fault
from gptoss_lab.client.errors import (
    ProtocolError,
    ServerUnreachableError,
    StillRunningError,
    StreamLostError,
)
from gptoss_lab.client.frames import Frames
from gptoss_lab.client.retry import Patience
from gptoss_lab.schemas.events import Done, Failed
from gptoss_lab.schemas.runs import JobEvent, RunEnd

STREAM = "text/event-stream"
MAX_EVENT_BYTES = 64 << 20
"""A cell and all that it shows is far less."""

EVENT: TypeAdapter[JobEvent] = TypeAdapter(JobEvent)
_FORM: Form[Any] = Form("JobEvent", None)
_ENDS = (Done, Failed, RunEnd)


class Feed:
    """Where a reader of events stands: what it has seen, and how often the way broke since.

    Args:
        job: The job.
        after: The number of the last event that the reader knows.
        patience: How long and how often.
        timeout_s: The time after which the reader gives up although the job goes on; None for ever.

    Attributes:
        seq: The number of the last event that came.
        ended: Whether the last event of the job has come.
    """

    def __init__(self, job: str, after: int, patience: Patience, timeout_s: float | None = None) -> None:
        self.call: Call[Any] = Call("GET", "/api/v1/code/jobs/{job}/events", _FORM, {"job": job})
        self.seq = after
        self.ended = False
        self._job = job
        self._patience = patience
        self._failures = 0
        self._furthest = after
        self._until = None if timeout_s is None else time.monotonic() + timeout_s
        self._frames = Frames(MAX_EVENT_BYTES)

    @property
    def silence_s(self) -> float:
        """The longest silence that is borne now."""
        if self._until is None:
            return self._patience.idle_s
        return max(0.01, min(self._patience.idle_s, self._until - time.monotonic()))

    def begin(self, answer: Answer) -> None:
        """Begin a connection.

        Raises:
            GptossError: The server refuses.
            ProtocolError: It sends no events.
        """
        if not answer.is_reply:
            raise answer.error()
        if answer.media_type != STREAM:
            raise ProtocolError(f"{answer.url} sends no events, but {answer.media_type[:80] or 'nothing'}")
        self._frames = Frames(MAX_EVENT_BYTES)

    def take(self, chunk: bytes) -> list[JobEvent]:
        """Return the events that these bytes complete, up to the job's last.

        Raises:
            ProtocolError: They are no events. What they hold is not told.
            StillRunningError: The time is over.
        """
        self._check_time()
        events: list[JobEvent] = []
        for data in self._frames.take(chunk):
            event = _event(data)
            events.append(event)
            self._note(event)
            if self.ended:
                break
        return events

    def broken(self, error: ServerUnreachableError | None = None) -> float:
        """Take note that the connection has ended too early; return how long to wait before the next.

        Raises:
            StillRunningError: The time is over.
            StreamLostError: It has ended so too often, and nothing new has come.
        """
        self._check_time()
        self._failures += 1
        if self._failures > self._patience.stream_retries:
            why = error.message if error else "The server ends the connection"
            lost = StreamLostError(f"The events of job {self._job[:64]} broke off: {why}", last_seq=self.seq)
            lost.request_id = error.request_id if error else ""
            raise lost from error
        pause_s = self._patience.pause_s(self._failures)
        return pause_s if self._until is None else max(0.0, min(pause_s, self._until - time.monotonic()))

    def _note(self, event: JobEvent) -> None:
        # An event without a number leads to the state of the job, and is no place to resume from. A number
        # may be smaller than the last: the server has begun again. That alone is no progress.
        self.seq = event.seq or self.seq
        if self.seq > self._furthest:
            self._furthest, self._failures = self.seq, 0
        self.ended = isinstance(event, _ENDS)

    def _check_time(self) -> None:
        if self._until is not None and time.monotonic() >= self._until:
            raise StillRunningError(f"Job {self._job[:64]} goes on")


def _event(data: bytes) -> JobEvent:
    try:
        return EVENT.validate_json(data)
    except ValidationError as error:
        raise ProtocolError(f"The server sends an event that is none: {first_fault(error)}") from None
