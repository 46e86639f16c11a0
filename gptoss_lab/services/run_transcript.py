"""An execution as it stands, folded from its events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from gptoss_lab.errors import GptossError
from gptoss_lab.sandbox.outputs import content_bytes
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import JobState, JobSummary
from gptoss_lab.schemas.runs import (
    CellError,
    Display,
    ExecutionEvent,
    ExecutionResponse,
    Result,
    RunEnd,
    RunFinding,
    RunQueued,
    RunStart,
    RunUsage,
    Stderr,
    Stdout,
    UpdateDisplay,
)
from gptoss_lab.services.job import EVENT_BYTES
from gptoss_lab.services.problems import problem_of
from gptoss_lab.services.run_sheet import RunSheet
from gptoss_lab.services.transcript import MAX_SUMMARY_CHARS, now


class RunTranscript:
    """Folds the events of one execution into its response.

    Args:
        job: The job's id.
        request: What was asked.
    """

    def __init__(self, job: str, request: ExecutionRequest) -> None:
        self.last_seq = 0
        self._job = job
        self._request = request
        self._state: JobState = "queued"
        self.created_at = now()
        self.finished_at = ""
        self._findings: list[RunFinding] = []
        self._start: RunStart | None = None
        self._usage: RunUsage | None = None
        self._end: RunEnd | None = None
        self._sheet = RunSheet()

    @property
    def ended(self) -> bool:
        """Say whether the last event was seen."""
        return self._end is not None

    def apply(self, event: ExecutionEvent) -> None:
        """Fold one event in; what follows the last event is ignored."""
        if self.ended:
            return
        self.last_seq = max(self.last_seq, event.seq)
        self._sheet.apply(event)
        if not isinstance(event, RunQueued) and self._state == "queued":
            self._state = "running"
        if isinstance(event, RunFinding):
            self._findings.append(event)
        elif isinstance(event, RunStart):
            self._start = event
        elif isinstance(event, RunUsage):
            self._usage = event
        elif isinstance(event, RunEnd):
            self._end = event
            self._state = "error" if event.problem else "done"
            self._state = "cancelled" if event.status == "canceled" else self._state
            self.finished_at = now()

    def weigh(self, event: ExecutionEvent) -> int:
        """Return about how many bytes an event holds."""
        if isinstance(event, (Stdout, Stderr)):
            return EVENT_BYTES + len(event.text)
        if isinstance(event, (Result, Display, UpdateDisplay)):
            return EVENT_BYTES + content_bytes(event.data)
        return EVENT_BYTES + (content_bytes(event.traceback) if isinstance(event, CellError) else 0)

    def remembered(self, event: ExecutionEvent) -> ExecutionEvent:
        """Return the event as it is."""
        return event

    def merge(self, batch: Sequence[ExecutionEvent]) -> Sequence[ExecutionEvent]:
        """Join the pieces of a stream that follow one another: their reader lags behind."""
        merged: list[ExecutionEvent] = []
        texts: list[str] = []
        for event in batch:
            last = merged[-1] if merged else None
            if isinstance(event, (Stdout, Stderr)) and _continues(last, event):
                texts.append(event.text)
                merged[-1] = event
                continue
            _settle(merged, texts)
            texts = [event.text] if isinstance(event, (Stdout, Stderr)) else []
            merged.append(event)
        _settle(merged, texts)
        return merged

    def response(self) -> ExecutionResponse:
        """Return the execution as it stands."""
        start, end = self._start, self._end or RunEnd(status="ok")
        return ExecutionResponse(
            job=self._job,
            state=self._state,
            status=end.status if self.ended else None,
            language=start.language if start else self._request.language,
            created_at=self.created_at,
            finished_at=self.finished_at,
            last_seq=self.last_seq,
            findings=tuple(told.finding for told in self._findings),
            cells=self._sheet.verifications(),
            duration_s=end.duration_s,
            peak_memory_bytes=end.usage_peak.peak_memory_bytes,
            usage_peak=end.usage_peak,
            runtime=start.runtime if start else "none",
            image=start.image if start else "",
            environment=start.environment if start else None,
            sandbox=end.sandbox,
            state_lost=end.state_lost,
            files=end.files,
            error=end.problem,
        )

    def summary(self) -> JobSummary:
        """Return the execution in short: a list of many must be quick to make and to send."""
        cells, verified = self._sheet.counts()
        return JobSummary(
            kind="execute",
            job=self._job,
            state=self._state,
            task=self._request.sources[0].strip()[:MAX_SUMMARY_CHARS],
            language=self._start.language if self._start else self._request.language,
            created_at=self.created_at,
            finished_at=self.finished_at,
            stage=self._end.status if self._end else "",
            cells=cells,
            verified=verified,
        )

    def catch_up(self) -> list[ExecutionEvent]:
        """Return events that lead a reader who missed some to where the execution stands.

        They carry no number: a reader that is cut off within them starts over.
        """
        events: list[ExecutionEvent] = [*self._findings]
        events += [event for event in (self._start,) if event]
        events += self._sheet.replay()
        events += [event for event in (self._usage,) if event]
        return [event.model_copy(update={"seq": 0, "job": self._job}) for event in events]

    def queued(self, position: int) -> RunQueued:
        """Return the event that tells the job's place in the queue."""
        return RunQueued(position=position)

    def last(self, how: Literal["cancelled"] | GptossError) -> Sequence[ExecutionEvent]:
        """Return the event that ends an execution which did not end by itself."""
        lost = bool(self._request.sandbox and self._start)
        if isinstance(how, GptossError):
            return [RunEnd(status="error", state_lost=lost, problem=problem_of(how))]
        return [RunEnd(status="canceled", state_lost=lost)]


def _continues(last: ExecutionEvent | None, event: Stdout | Stderr) -> bool:
    return isinstance(last, (Stdout, Stderr)) and (last.type, last.cell) == (event.type, event.cell)


def _settle(merged: list[ExecutionEvent], texts: list[str]) -> None:
    """Give the last event, the newest of a stream's pieces, the text of all."""
    if len(texts) > 1:
        merged[-1] = merged[-1].model_copy(update={"text": "".join(texts)})
