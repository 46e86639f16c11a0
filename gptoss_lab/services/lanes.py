"""Jobs of one kind: those that run, and those that wait for their turn."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from gptoss_lab.errors import TooBusyError
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job import Job, JobTranscript
from gptoss_lab.services.transcript import Transcript

QUEUE_PER_SLOT = 8


class Lane:
    """A queue with a number of slots.

    Args:
        request: The model of the requests that belong here.
        run: Makes the events of one job; closing them must release all that they hold.
        transcript: Makes what the events of a job are folded into.
        slots: How many jobs run at a time.
        key: What a request needs for itself alone: of jobs with the same key only one runs at a time.
        stops_itself: Its jobs heed `Job.stop` and say their last event themselves.
    """

    def __init__(
        self,
        *,
        request: type,
        run: Callable[[Job], AsyncIterator[JobEvent]],
        transcript: Callable[[str, Any], JobTranscript],
        slots: int,
        key: Callable[[Any], str] = lambda _request: "",
        stops_itself: bool = False,
    ) -> None:
        self.request = request
        self.run = run
        self.transcript = transcript
        self.stops_itself = stops_itself
        self.waiting: deque[Job] = deque()
        self.running: set[Job] = set()
        self._slots = slots
        self._key = key

    def admit(self, request: Any, owner: str) -> None:
        """Refuse what would wait too long.

        Raises:
            TooBusyError: The queue is full, or that for what the request needs alone.
        """
        alone = self._alone(request, owner)
        ahead = sum(self._alone(job.request, job.owner) == alone for job in self.waiting) if alone else 0
        if len(self.waiting) >= self._slots * QUEUE_PER_SLOT:
            raise TooBusyError(f"{len(self.running)} jobs run and {len(self.waiting)} wait already.")
        if ahead >= QUEUE_PER_SLOT:
            raise TooBusyError(f"{ahead} jobs wait for this sandbox already.")

    def next(self) -> Job | None:
        """Take the first job that may run now."""
        if len(self.running) >= self._slots:
            return None
        taken = {self._alone(job.request, job.owner) for job in self.running} - {""}
        for job in self.waiting:
            if self._alone(job.request, job.owner) not in taken:
                self.waiting.remove(job)
                return job
        return None

    def _alone(self, request: Any, owner: str) -> str:
        key = self._key(request)
        return f"{owner}/{key}" if key else ""


def generation_lane(run: Callable[[CodeGenerationRequest], AsyncIterator[JobEvent]], *, slots: int) -> Lane:
    """Return the lane of generations."""
    return Lane(
        request=CodeGenerationRequest,
        run=lambda job: run(job.request),
        transcript=Transcript,
        slots=slots,
    )
