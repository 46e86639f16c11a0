"""Jobs of one kind: those that run, and those that wait for their turn."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from gptoss_lab.errors import TooBusyError
from gptoss_lab.schemas.additions import AdditionRequest
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest, JobKind
from gptoss_lab.schemas.model import QueueState
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job import Job, JobTranscript
from gptoss_lab.services.transcript import Transcript

QUEUE_PER_SLOT = 8
OWNERS_PER_QUEUE = 8
KINDS: Mapping[type, JobKind] = {
    CodeGenerationRequest: "generate",
    ExecutionRequest: "execute",
    AdditionRequest: "add",
}


class Lane:
    """A queue with a number of slots, fair between owners.

    Owners take turns, each with its oldest job, so that the first job of one never waits for the
    twenty of another.

    Args:
        request: The model of the requests that belong here.
        run: Makes the events of one job; closing them must release all that they hold.
        transcript: Makes what the events of a job are folded into.
        slots: How many jobs run at a time, asked anew for each.
        key: What a request needs for itself alone: of jobs with the same key only one runs at a time.
        stops_itself: Its jobs heed `Job.stop` and say their last event themselves.
    """

    def __init__(
        self,
        *,
        request: type,
        run: Callable[[Job], AsyncIterator[JobEvent]],
        transcript: Callable[[str, Any], JobTranscript],
        slots: Callable[[], int],
        key: Callable[[Any], str] = lambda _request: "",
        stops_itself: bool = False,
    ) -> None:
        self.request = request
        self.kind = KINDS[request]
        self.run = run
        self.transcript = transcript
        self.stops_itself = stops_itself
        self.waiting: deque[Job] = deque()
        self.running: set[Job] = set()
        self._slots = slots
        self._key = key
        self._turn = 0
        self._turns: dict[str, int] = {}
        """When each owner had its last turn, since the lane was last empty."""

    def admit(self, request: Any, owner: str) -> None:
        """Refuse what would wait too long.

        Raises:
            TooBusyError: The owner's queue is full, or everyone's, or that for what the request needs alone.
        """
        alone = self._alone(request, owner)
        ahead = sum(self._alone(job.request, job.owner) == alone for job in self.waiting) if alone else 0
        most = self._slots() * QUEUE_PER_SLOT
        own = sum(job.owner == owner for job in self.waiting)
        if own >= most:
            raise TooBusyError(f"{len(self.running)} jobs run and {own} of yours wait already.")
        if len(self.waiting) >= most * OWNERS_PER_QUEUE:
            raise TooBusyError(f"{len(self.running)} jobs run and {len(self.waiting)} wait already.")
        if ahead >= QUEUE_PER_SLOT:
            raise TooBusyError(f"{ahead} jobs wait for this sandbox already.")

    def next(self) -> Job | None:
        """Take the job whose turn it is, of those that may run now."""
        if len(self.running) >= self._slots():
            return None
        if not self.running and not self.waiting:
            self._turns.clear()
        taken = {self._alone(job.request, job.owner) for job in self.running} - {""}
        free = [job for job in self.waiting if self._alone(job.request, job.owner) not in taken]
        if not free:
            return None
        job = min(free, key=lambda one: self._turns.get(one.owner, 0))  # the oldest of equals
        self.waiting.remove(job)
        self._turn += 1
        self._turns[job.owner] = self._turn
        return job

    def order(self) -> Iterable[Job]:
        """Yield those that wait in the order in which their turns come."""
        turn, turns = self._turn, dict(self._turns)
        left = list(self.waiting)
        while left:
            job = min(left, key=lambda one: turns.get(one.owner, 0))
            left.remove(job)
            turn += 1
            turns[job.owner] = turn
            yield job

    def state(self) -> QueueState:
        """Return how many run, wait, and may run at a time."""
        return QueueState(running=len(self.running), waiting=len(self.waiting), slots=self._slots())

    def _alone(self, request: Any, owner: str) -> str:
        key = self._key(request)
        return f"{owner}/{key}" if key else ""


def generation_lane(
    run: Callable[[CodeGenerationRequest], AsyncIterator[JobEvent]], *, slots: int | Callable[[], int]
) -> Lane:
    """Return the lane of generations; `slots` may change while it works."""
    return Lane(
        request=CodeGenerationRequest,
        run=lambda job: run(job.request),
        transcript=Transcript,
        slots=slots if callable(slots) else lambda: slots,
    )
